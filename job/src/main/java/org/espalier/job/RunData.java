package org.espalier.job;

import java.util.List;
import org.espalier.data.DataException;
import org.espalier.data.ImageOptions;
import org.espalier.data.Splits;
import org.espalier.data.sources.DataOptions;
import org.espalier.data.sources.DataSets;
import org.espalier.graph.Graph;
import org.jspecify.annotations.Nullable;

/** Where a run's examples come from. They are opened after everything about the network has been checked. */
public interface RunData {
    /** The name that {@code run.yaml} keeps, by which the data can be opened again. */
    String name();

    /** Names of the classes of a folder of pictures, of which none is read for it; empty for other data. */
    default List<String> classes() {
        return List.of();
    }

    /** How pictures become examples for a network; null for as they are. */
    default @Nullable ImageOptions images(Graph network) {
        return null;
    }

    /** Where data sets lie, for {@code run.yaml}; null for the default places. */
    default @Nullable String folder() {
        return null;
    }

    /** The array of an {@code .npz} file that holds the labels, empty where none does; null for y. */
    default @Nullable String labels(Graph network) {
        return null;
    }

    /** Where labels are unless something else is said: in y, but for a network with an input of that name. */
    static @Nullable String usualLabels(Graph network) {
        return network.inputs().stream().anyMatch(v -> v.name().equals(DataOptions.LABELS)) ? "" : null;
    }

    /**
     * Opens the examples for a network.
     *
     * @throws InputException if they are missing or wrong
     */
    Splits open(Graph network);

    /** Examples that are open already. A run on them goes on only where they are given again. */
    static RunData of(String name, Splits splits) {
        return new RunData() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public Splits open(Graph network) {
                return splits;
            }
        };
    }

    /** A data set by its name: mnist, fashion-mnist, cifar10, digits, {@code folder:PATH}, {@code arrays:PATH} or a path. */
    static RunData named(String name) {
        return new RunData() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public @Nullable String labels(Graph network) {
                return usualLabels(network);
            }

            @Override
            public Splits open(Graph network) {
                try {
                    String labels = labels(network);
                    DataOptions options = DataOptions.defaults();
                    return DataSets.open(name, labels == null ? options : options.withLabels(labels));
                } catch (DataException | IllegalArgumentException e) {
                    throw new InputException(e);
                }
            }
        };
    }
}
