package org.espalier.shrink;

/**
 * What stays of one axis of a constant.
 *
 * @param axis the axis
 * @param kept the indices that stay, ascending
 */
public record AxisSlice(int axis, int[] kept) {
    /**
     * Copies the indices.
     *
     * @param axis the axis
     * @param kept the indices that stay, ascending
     */
    public AxisSlice {
        kept = kept.clone();
    }

    /** {@return a copy of the indices; {@link #kept(int)} reads single ones} */
    @Override
    public int[] kept() {
        return kept.clone();
    }

    /**
     * The index before the cut that has {@code index} after it.
     *
     * @param index the index along the axis
     * @return the index before the cut that has {@code index} after it
     */
    public int kept(int index) {
        return kept[index];
    }
}
