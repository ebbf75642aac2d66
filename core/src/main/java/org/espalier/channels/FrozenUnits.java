package org.espalier.channels;

/**
 * Units that stay because of something.
 *
 * @param value the value on which they live
 * @param axis its axis
 * @param units how many
 * @param reason why they stay
 */
public record FrozenUnits(String value, int axis, int units, String reason) {}
