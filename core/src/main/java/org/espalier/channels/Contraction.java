package org.espalier.channels;

import org.espalier.graph.Axis;
import org.espalier.graph.Node;

/**
 * A sum over an axis of data and weight.
 *
 * @param node the node that sums
 * @param data the axis of its data
 * @param weight the axis of its constant weight
 * @param selectable whether single indices of the data could be picked out in front of the node
 */
record Contraction(Node node, Axis data, Axis weight, boolean selectable) {}
