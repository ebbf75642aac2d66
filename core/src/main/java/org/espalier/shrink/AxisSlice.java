package org.espalier.shrink;

/**
 * What stays of one axis of a constant.
 *
 * @param axis the axis
 * @param kept the indices that stay, ascending
 */
public record AxisSlice(int axis, int[] kept) {}
