package org.espalier.ops;

import java.util.List;
import org.espalier.graph.Node;
import org.espalier.graph.TensorData;
import org.jspecify.annotations.Nullable;

/**
 * Where an operator states how units belong together.
 *
 * <p>A <em>unit</em> is what lives or dies as one: an input feature, a neuron, a channel. Each index along an axis of a value carries
 * one unit; an axis none of whose indices can go (batch, spatial axes, network inputs) carries none. Weights' axes start with fresh
 * units of their own.
 */
public interface UnitRelations {
    /** The most indices along an axis that are followed one by one; no layer has as many units. */
    int LONGEST = 1 << 26;

    /** {@return the node} */
    Node node();

    /** {@return version of ONNX's own operator set} */
    long opset();

    /**
     * Shape of a value of this node, by name.
     *
     * @param value the value's name
     * @return shape of a value of this node, by name
     */
    long[] shape(String value);

    /**
     * The value where it depends neither on the network's inputs nor on their sizes, else null.
     *
     * @param value the value's name
     * @return the value where it depends neither on the network's inputs nor on their sizes, else null
     */
    @Nullable
    TensorData constant(String value);

    /**
     * The unit of each index along an axis, or null where the axis carries none. Counts as a mention of the axis.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     * @return the unit of each index along an axis, or null where the axis carries none
     */
    int @Nullable [] units(String value, int axis);

    /**
     * Says that the node does not depend on the units along an axis in any way that their removal would change.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     */
    void mention(String value, int axis);

    /**
     * States the units along an axis. Where the axis has units already, both lists become the same, index by index.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     * @param units the unit of each index
     */
    void assign(String value, int axis, int[] units);

    /** {@return the unit that never goes: for indices whose removal would change what the network computes} */
    int frozenUnit();

    /**
     * {@return a new unit, for an index that the node makes by itself (padding) and that may go with the others it
     * gets joined with}
     */
    int freshUnit();

    /**
     * The nodes that read a value.
     *
     * @param value the value's name
     * @return the nodes that read a value
     */
    List<Node> consumers(String value);

    /**
     * The node that makes a value; null for constants and inputs.
     *
     * @param value the value's name
     * @return the node that makes a value
     */
    @Nullable
    Node producer(String value);

    /**
     * Whether a value is one of the network's outputs.
     *
     * @param value the value's name
     * @return whether a value is one of the network's outputs
     */
    boolean isOutput(String value);

    /**
     * Integers given as an attribute (older operator sets) or as input {@code i}; null where absent or not constant.
     *
     * @param attribute the attribute of older operator sets; empty where there is none
     * @param i the number of the input
     * @return integers given as an attribute (older operator sets) or as input {@code i}
     */
    default long @Nullable [] longs(String attribute, int i) {
        long[] fromAttribute = node().getLongs(attribute);
        TensorData t = fromAttribute == null && node().hasInput(i) ? constant(node().input(i)) : null;
        return t == null ? fromAttribute : t.toLongs();
    }

    /**
     * Makes two units one.
     *
     * @param unitA one unit
     * @param unitB the other unit
     */
    void unite(int unitA, int unitB);

    /**
     * Makes the units of two axes of equal length the same, index by index. An axis without units freezes the other's.
     *
     * @param a a value
     * @param axisA the axis of {@code a}
     * @param b another value
     * @param axisB the axis of {@code b}
     */
    void same(String a, int axisA, String b, int axisB);

    /**
     * Index {@code i} of one axis gets the unit of index {@code index[i]} of another; −1 stands for a constant that
     * stays.
     *
     * @param from the value whose units are taken
     * @param axisFrom the axis of {@code from}
     * @param to the value whose axis gets the units
     * @param axisTo the axis of {@code to}
     * @param index for each index of {@code to} the one of {@code from}, or −1
     */
    void select(String from, int axisFrom, String to, int axisTo, int[] index);

    /**
     * States that this node multiplies an axis of its data with an axis of a constant weight and sums over it: the place where a unit's
     * signal is read, so where noise multiplies and a removed unit disappears without a trace.
     *
     * @param data the data's name
     * @param dataAxis the data's axis
     * @param weight the weight's name
     * @param weightAxis the weight's axis
     * @param selectable whether single indices of the data could be picked out with a {@code Gather} in front of
     *     this node
     */
    void contract(String data, int dataAxis, String weight, int weightAxis, boolean selectable);

    /**
     * States that this node takes statistics over an axis of its data by which it, or what comes after it, normalises. A unit that goes
     * is not counted any more: the masked network takes them over the units that are left, as the smaller one does.
     *
     * @param value the data's name
     * @param axis the data's axis
     */
    void normalize(String value, int axis);

    /**
     * Marks an axis as merged of several (channel and positions): its indices may be picked out one by one.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     */
    void markMerged(String value, int axis);

    /**
     * Whether the axis was merged of several.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     * @return whether the axis was merged of several
     */
    boolean isMerged(String value, int axis);

    /**
     * Freezes the units on one axis.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     * @param reason why they stay
     */
    void freeze(String value, int axis, String reason);

    /**
     * Freezes the units on an axis of which the node makes one with more than {@link #LONGEST} indices.
     *
     * @param value the value's name
     * @param axis the axis, from 0
     */
    default void freezeTooLong(String value, int axis) {
        freeze(value, axis, node().label() + " makes an axis too long to follow");
    }

    /**
     * Freezes all units on all axes of a value.
     *
     * @param value the value's name
     * @param reason why they stay
     */
    void freeze(String value, String reason);
}
