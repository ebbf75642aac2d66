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
    /** {@return the name that {@code run.yaml} keeps, by which the data can be opened again} */
    String name();

    /** {@return names of the classes of a folder of pictures, found without reading a picture; empty for other data} */
    default List<String> classes() {
        return List.of();
    }

    /**
     * Says how pictures become examples.
     *
     * @param network the network that reads them
     * @return the choice; null for pictures as they are
     */
    default @Nullable ImageOptions images(Graph network) {
        return null;
    }

    /** {@return where data sets lie, for {@code run.yaml}; null for the default places} */
    default @Nullable String folder() {
        return null;
    }

    /**
     * Says which array of an {@code .npz} file holds the labels.
     *
     * @param network the network that reads the examples
     * @return its name; empty where none does, null for y
     */
    default @Nullable String labels(Graph network) {
        return null;
    }

    /**
     * Says where labels are unless something else is said: in y, or nowhere where the network has an input of that name.
     *
     * @param network the network that reads the examples
     * @return null for y; empty where there are no labels
     */
    static @Nullable String usualLabels(Graph network) {
        return network.inputs().stream().anyMatch(v -> v.name().equals(DataOptions.LABELS)) ? "" : null;
    }

    /**
     * Opens the examples for a network.
     *
     * @param network the network that reads them
     * @return the training and the test part
     * @throws InputException if they are missing or wrong
     */
    Splits open(Graph network);

    /**
     * Wraps examples that are open already. A run on them can go on only where they are given again.
     *
     * @param name what {@code run.yaml} calls them
     * @param splits the examples
     * @return the data
     */
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

    /**
     * Finds a data set by its name: mnist, fashion-mnist, cifar10, digits, {@code folder:PATH}, {@code
     * arrays:PATH} or a path.
     *
     * @param name the name
     * @return the data, not opened yet
     */
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
