package org.espalier.channels;

import org.espalier.graph.Axis;

/**
 * A place where units are read: an axis of a constant weight over which a node sums. Multiplying the weight there is the same as
 * multiplying the units' signals that go into the sum.
 *
 * <p>Each axis of a weight has at most one site for channels and one for inputs picked in front of its node; both multiply.
 *
 * @param node the node that sums; the first one where several share the weight
 * @param weight the constant's name
 * @param axis the weight's axis
 * @param units for each index along the axis the unit in the network's numbering, or −1 for one that always stays
 * @param picked whether these are inputs that a Gather in front of the node picks, all numbered one after the other
 */
public record ReadSite(String node, String weight, int axis, int[] units, boolean picked) {
    /**
     * Copies the units.
     *
     * @param node the node that sums
     * @param weight the constant's name
     * @param axis the weight's axis
     * @param units for each index along the axis the unit in the network's numbering, or −1 for one that always stays
     * @param picked whether these are inputs that a Gather in front of the node picks, all numbered one after the
     *     other
     */
    public ReadSite {
        units = units.clone();
    }

    /** {@return a copy of the units; {@link #unit} reads single ones} */
    @Override
    public int[] units() {
        return units.clone();
    }

    /** {@return how many indices the axis has} */
    public int length() {
        return units.length;
    }

    /**
     * The unit at an index along the axis, or −1 for one that always stays.
     *
     * @param index the index along the axis
     * @return the unit at an index along the axis, or −1 for one that always stays
     */
    public int unit(int index) {
        return units[index];
    }

    /** {@return the weight's axis} */
    public Axis place() {
        return new Axis(weight, axis);
    }
}
