package org.espalier.recipe;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.espalier.channels.ChannelGroups;
import org.espalier.channels.LayerSelection;
import org.espalier.graph.Graph;
import org.espalier.graph.LayerNames;
import org.espalier.graph.Node;
import org.espalier.shrink.KeptUnits;

/**
 * Which layers may be pruned, by name or by patterns in which {@code *} stands for anything.
 *
 * <p>Constants of a layer that matches {@code except} stay bit for bit what they are: they are not trained, and
 * neither the layer's own units nor those that it reads are removed. With {@code only}, constants of all other layers
 * are not trained either; where such a layer reads units of a chosen one, the inputs of removed units disappear from
 * its weight and the others are multiplied by the mean of what was learnt about them.
 *
 * @param only the layers to prune; empty for all
 * @param except layers to leave alone
 * @param roundTo widths are kept at multiples of this; 1 for any width
 */
public record LayerChoice(List<String> only, List<String> except, int roundTo) {
    /** All layers, any width. */
    public static final LayerChoice ALL = new LayerChoice(List.of(), List.of(), 1);

    /**
     * Copies the patterns and checks the width.
     *
     * @param only the layers to prune; empty for all
     * @param except layers to leave alone
     * @param roundTo widths are kept at multiples of this; 1 for any width
     */
    public LayerChoice {
        only = List.copyOf(only);
        except = List.copyOf(except);
        if (roundTo < 1) {
            throw new IllegalArgumentException(
                    "layer choice 'roundTo': out of range, expected 1 or more, found " + roundTo);
        }
    }

    /**
     * Whether no layer is left alone.
     *
     * @return true if all layers may be pruned
     */
    public boolean leavesNothingAlone() {
        return only.isEmpty() && except.isEmpty();
    }

    /**
     * Checks that each pattern means something.
     *
     * @param graph the network
     * @throws IllegalArgumentException if there is no layer with weights for one
     */
    public void check(Graph graph) {
        Set<String> layers = new LinkedHashSet<>();
        graph.nodes().stream()
                .filter(n -> n.inputs().stream().anyMatch(i -> graph.initializer(i) != null))
                .forEach(n -> {
                    layers.add(LayerNames.of(n));
                    layers.add(n.name());
                });
        for (List<String> patterns : List.of(only, except)) {
            for (String p : patterns) {
                if (layers.stream().noneMatch(matcher(List.of(p)))) {
                    throw new IllegalArgumentException((patterns.equals(only) ? "only '" : "except '") + p
                            + "': no layer has such a name, found " + layers);
                }
            }
        }
    }

    private static Predicate<String> matcher(List<String> patterns) {
        return name -> patterns.stream().anyMatch(p -> GroupPatterns.matches(p, name));
    }

    private LayerSelection selection() {
        Predicate<String> chosen = matcher(only);
        Predicate<String> left = matcher(except);
        return new LayerSelection(
                n -> only.isEmpty() || chosen.test(n.name()) || chosen.test(LayerNames.of(n)),
                n -> left.test(n.name()) || left.test(LayerNames.of(n)));
    }

    /**
     * The groups of a graph that may be pruned.
     *
     * @param graph the network
     * @return their groups
     */
    public ChannelGroups groups(Graph graph) {
        return ChannelGroups.of(graph, selection());
    }

    /**
     * A wish closed as {@link KeptUnits} says, with widths at multiples.
     *
     * @param groups its groups of units
     * @param wish one per unit
     * @param score one per unit: greater is better
     * @return the units that stay
     */
    public KeptUnits kept(ChannelGroups groups, boolean[] wish, double[] score) {
        return KeptUnits.of(groups, wish, score, roundTo);
    }

    /**
     * Constants that are not trained.
     *
     * @param graph the network
     * @return their names
     */
    public Set<String> frozen(Graph graph) {
        Set<String> names = new LinkedHashSet<>();
        LayerSelection s = selection();
        for (Node n : graph.nodes()) {
            if (!s.only().test(n) || s.except().test(n)) {
                names.addAll(n.inputs());
            }
        }
        return names;
    }
}
