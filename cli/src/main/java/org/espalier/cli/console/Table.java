package org.espalier.cli.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Text in columns: words to the left, columns in which all cells begin like a number to the right. */
public final class Table {
    private static final String GAP = "  ";

    private final List<String[]> rows = new ArrayList<>();

    /** A table without rows; columns of numbers are aligned to the right. */
    public Table(String... header) {
        rows.add(header.clone());
    }

    /** Adds a row with as many cells as the header has. */
    public Table row(Object... cells) {
        if (cells.length != rows.get(0).length) {
            throw new IllegalArgumentException("table: row must have as many cells as the header, expected "
                    + rows.get(0).length + ", found " + cells.length);
        }
        rows.add(Arrays.stream(cells).map(String::valueOf).toArray(String[]::new));
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
            right[c] = rows.stream().skip(1).allMatch(row -> row[column].matches("[-+]?[0-9?].*"));
        }
        StringBuilder text = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < widths.length; c++) {
                String pad = " ".repeat(widths[c] - row[c].length());
                line.append(c == 0 ? "" : GAP).append(right[c] ? pad + row[c] : row[c] + pad);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
