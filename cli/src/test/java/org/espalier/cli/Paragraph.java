package org.espalier.cli;

import java.util.StringTokenizer;

/** Text of generated documents. */
final class Paragraph {
    private static final int COLUMNS = 118;

    private Paragraph() {}

    /** The text in lines of at most 118 columns, broken at spaces. */
    static String wrapped(String text) {
        StringBuilder all = new StringBuilder();
        int column = 0;
        StringTokenizer words = new StringTokenizer(text);
        while (words.hasMoreTokens()) {
            String word = words.nextToken();
            if (column > 0 && column + 1 + word.length() > COLUMNS) {
                all.append('\n');
                column = 0;
            } else if (column > 0) {
                all.append(' ');
                column++;
            }
            all.append(word);
            column += word.length();
        }
        return all.toString();
    }
}
