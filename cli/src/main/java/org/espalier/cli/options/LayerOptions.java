package org.espalier.cli.options;

import java.util.ArrayList;
import java.util.List;
import org.espalier.graph.Graph;
import org.espalier.job.InputException;
import org.espalier.recipe.LayerChoice;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that choose layers. */
public final class LayerOptions {
    @Option(
            names = "--only",
            split = ",",
            paramLabel = "PATTERN",
            description = "Prune these layers only; * stands for anything.")
    private List<String> only = new ArrayList<>();

    @Option(
            names = "--except",
            split = ",",
            paramLabel = "PATTERN",
            description = "Leave these layers alone: their weights stay bit for bit the same.")
    private List<String> except = new ArrayList<>();

    @Option(
            names = "--round-to",
            paramLabel = "N",
            description = "Keep widths at multiples of this, such as 8 (default: 1).")
    private @Nullable Integer roundTo;

    /**
     * Makes the choice of layers, which must exist.
     *
     * @param graph the network in the form that is trained
     * @return the choice
     */
    public LayerChoice of(Graph graph) {
        return over(LayerChoice.ALL, graph);
    }

    /**
     * Replaces those parts of another choice that options name.
     *
     * @param other the choice to start from
     * @param graph the network in the form that is trained
     * @return the choice
     */
    public LayerChoice over(LayerChoice other, Graph graph) {
        int multiple = roundTo == null ? other.roundTo() : roundTo;
        Checks.atLeastOne("--round-to", multiple);
        LayerChoice choice = new LayerChoice(
                only.isEmpty() ? other.only() : only, except.isEmpty() ? other.except() : except, multiple);
        try {
            choice.check(graph);
        } catch (IllegalArgumentException e) {
            // The choice names its parts as the options are named.
            throw new InputException("--" + e.getMessage(), e);
        }
        return choice;
    }
}
