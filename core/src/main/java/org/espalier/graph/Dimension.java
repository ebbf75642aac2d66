package org.espalier.graph;

/**
 * One size of a declared shape: a number, or a symbol such as {@code batch} that stands for any size.
 *
 * @param size the size, or −1 for a symbol
 * @param symbol the symbol's name (may be empty: unknown), empty for a number
 */
public record Dimension(long size, String symbol) {
    /**
     * A size that is a number.
     *
     * @param size how many
     * @return a size that is a number
     */
    public static Dimension of(long size) {
        return new Dimension(size, "");
    }

    /**
     * A size that is free, by its name.
     *
     * @param name the symbol's name
     * @return a size that is free, by its name
     */
    public static Dimension symbol(String name) {
        return new Dimension(-1, name);
    }

    /** {@return whether the size is a number} */
    public boolean isKnown() {
        return size >= 0;
    }

    @Override
    public String toString() {
        return isKnown() ? Long.toString(size) : symbol.isEmpty() ? "?" : symbol;
    }
}
