package org.espalier.cli.console;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.espalier.io.SafeText;

/** Text in columns: words to the left, columns in which all cells begin like a number to the right. */
public final class Table {
    private static final String GAP = "  ";
    /** Names of files are not ours: one of a megabyte must not make every line as long. */
    private static final int LONGEST_CELL = 200;

    private static final Pattern NUMBER = Pattern.compile("[-+]?[0-9?]");

    private final List<String[]> rows = new ArrayList<>();

    /**
     * Creates a table without rows. Columns of numbers are aligned to the right.
     *
     * @param header the columns' titles
     */
    public Table(String... header) {
        rows.add(header.clone());
    }

    /**
     * Adds a row.
     *
     * @param cells as many as the header has
     * @return this table
     */
    public Table row(Object... cells) {
        if (cells.length != rows.get(0).length) {
            throw new IllegalArgumentException("table: row must have as many cells as the header, expected "
                    + rows.get(0).length + ", found " + cells.length);
        }
        String[] row = new String[cells.length];
        for (int c = 0; c < row.length; c++) {
            row[c] = SafeText.line(String.valueOf(cells[c]), LONGEST_CELL);
        }
        rows.add(row);
        return this;
    }

    @Override
    public String toString() {
        int[] widths = new int[rows.get(0).length];
        for (String[] row : rows) {
            for (int c = 0; c < widths.length; c++) {
                widths[c] = Math.max(widths[c], row[c].length());
            }
        }
        boolean[] right = new boolean[widths.length];
        for (int c = 0; c < widths.length; c++) {
            int column = c;
            right[c] = rows.stream().skip(1).allMatch(row -> NUMBER.matcher(row[column])
                    .lookingAt());
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            for (int c = 0; c < widths.length; c++) {
                String pad = " ".repeat(widths[c] - row[c].length());
                text.append(c == 0 ? "" : GAP).append(right[c] ? pad : row[c]).append(right[c] ? row[c] : pad);
            }
            int end = text.length();
            while (end > 0 && text.charAt(end - 1) == ' ') {
                end--;
            }
            text.setLength(end);
            text.append('\n');
        }
        return text.toString();
    }
}
