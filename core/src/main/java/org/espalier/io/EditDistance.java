package org.espalier.io;

/** Levenshtein's distance: the least number of characters to insert, delete or replace. */
public final class EditDistance {
    private EditDistance() {}

    /**
     * The distance of two words.
     *
     * @param a a word
     * @param b the other word
     * @return the distance of two words
     */
    public static int between(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replace = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replace, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
