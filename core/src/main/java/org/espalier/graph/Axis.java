package org.espalier.graph;

/**
 * One axis of a value, written {@code value[axis]}.
 *
 * @param value the value's name
 * @param axis the axis, from 0
 */
public record Axis(String value, int axis) {
    @Override
    public String toString() {
        return value + "[" + axis + "]";
    }
}
