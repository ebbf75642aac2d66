package org.espalier.shrink;

import java.util.List;
import java.util.Map;
import org.espalier.graph.Graph;

/**
 * A graph from which units were removed.
 *
 * @param graph the smaller graph
 * @param slices what stayed of each constant that was cut, by name, one slice per cut axis
 * @param kept per unit of the larger graph's groups whether it stayed
 */
public record Shrunk(Graph graph, Map<String, List<Slice>> slices, boolean[] kept) {}
