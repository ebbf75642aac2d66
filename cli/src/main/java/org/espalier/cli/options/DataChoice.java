package org.espalier.cli.options;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.cli.console.Console;
import org.espalier.data.DataException;
import org.espalier.data.ImageOptions;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.data.sources.DataOptions;
import org.espalier.data.sources.DataSets;
import org.espalier.graph.Graph;
import org.espalier.job.InputException;
import org.espalier.job.RunConfiguration;
import org.espalier.job.RunData;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that choose a data set. */
public final class DataChoice {
    /** Before a data set's name: its inputs with labels drawn by chance, always the same ones. */
    public static final String RANDOM_LABELS = "random-labels:";

    private static final String FOLDER = "folder:";
    private static final String ARRAYS = "arrays:";
    private static final List<String> PATHS = List.of(FOLDER, ARRAYS);

    /** Says what {@link Normalization#pixels()} says, but is not equal to it, by which a run means the data set's own normalisation. */
    private static final Normalization CIFAR10_UNIT =
            Normalization.pixels(List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));

    @Option(
            names = "--data",
            paramLabel = "DATA",
            description =
                    "mnist, fashion-mnist, cifar10, digits (built in), or a path: a folder of pictures, a .zip of one, or an .npz.")
    private @Nullable String data;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = {
                "Where data sets lie (default: ESPALIER_DATA, then the cache, see espalier cache);",
                "of a run with its own folder or file, where that lies now."
            })
    private @Nullable Path dataDir;

    @Option(
            names = "--labels",
            paramLabel = "NAME",
            description = "The array of an .npz that holds the labels (default: y, unless an input has that name).")
    private @Nullable String labels;

    @Option(names = "--offline", description = "Never download: a missing data set is an error.")
    private boolean offline;

    @Mixin
    private PictureOptions pictures;

    /**
     * {@return the data set's name as it was given}
     *
     * @throws InputException if none was given
     */
    public String name() {
        if (data == null) {
            throw new InputException(
                    "--data must be given: mnist, fashion-mnist, cifar10, digits, or the path of a folder of pictures, a .zip of one or an .npz");
        }
        return absolute(data);
    }

    /**
     * Gives the data set's name.
     *
     * @param otherwise the name where none was given
     * @return the name
     */
    public String nameOr(String otherwise) {
        return data == null || absolute(data).equals(absolute(otherwise)) ? otherwise : absolute(data);
    }

    /**
     * Writes a data set's name with its kind and an absolute path, so that a run can go on from another folder.
     *
     * @param given a data set's name
     * @return the name with both
     */
    public static String absolute(String given) {
        String name = DataSets.withKind(given);
        for (String kind : PATHS) {
            if (name.startsWith(kind) && name.length() > kind.length()) {
                try {
                    return kind
                            + Path.of(name.substring(kind.length()))
                                    .toAbsolutePath()
                                    .normalize();
                } catch (InvalidPathException e) {
                    // Whoever opens it says what is wrong.
                    return name;
                }
            }
        }
        return name;
    }

    /**
     * The data as a run takes them.
     *
     * @param console shows how far downloads are
     * @return the data, not opened yet
     * @throws InputException if no name was given
     */
    public RunData source(Console console) {
        String name = name();
        return new RunData() {
            @Override
            public String name() {
                return name;
            }

            @Override
            public List<String> classes() {
                return folderClasses();
            }

            @Override
            public @Nullable ImageOptions images(Graph network) {
                return DataChoice.this.images(network);
            }

            @Override
            public @Nullable String folder() {
                return DataChoice.this.folder();
            }

            @Override
            public @Nullable String labels(Graph network) {
                return labelsOr(RunData.usualLabels(network));
            }

            @Override
            public Splits open(Graph network) {
                return DataChoice.this.open(network, console);
            }
        };
    }

    /**
     * Says how pictures become examples, as the options say, or as it was where they say nothing.
     *
     * @param otherwise how it was; null for pictures as they are
     * @param network the network that reads them
     * @return the choice; null for pictures as they are
     */
    @Nullable
    public ImageOptions imagesOr(@Nullable ImageOptions otherwise, Graph network) {
        return pictures.areGiven() ? images(network) : otherwise;
    }

    /**
     * Says which array holds the labels.
     *
     * @param otherwise its name where no option says so; null for none
     * @return its name; null where neither says so
     */
    @Nullable
    public String labelsOr(@Nullable String otherwise) {
        return labels == null ? otherwise : labels;
    }

    /**
     * Opens a run's data set, from another folder where an option names one.
     *
     * @param run the run's configuration
     * @param console shows how far downloads are
     * @return the training and the test part
     */
    public Splits open(RunConfiguration run, Console console) {
        return open(run, dataDir, offline, console);
    }

    /**
     * Opens the data set for a network.
     *
     * @param network the network that reads the examples
     * @param console shows how far downloads are
     * @return the training and the test part
     * @throws InputException if there is no such data set, or its files are missing or wrong
     */
    public Splits open(Graph network, Console console) {
        if (pictures.areGiven() && name().startsWith(ARRAYS)) {
            throw new InputException("--resize, --size, --channels, --scale, --mean and --std are for pictures, "
                    + "found --data " + name() + ", whose numbers go in as they are");
        }
        if (pictures.givesForm() && !name().startsWith(FOLDER)) {
            throw new InputException("--resize, --size and --channels are for --data folder:PATH, " + "found --data "
                    + name() + ", whose pictures have one form");
        }
        if (labels != null && !name().startsWith(ARRAYS)) {
            throw new InputException("--labels is for an .npz, found --data " + name() + ", whose labels are known");
        }
        return open(name(), dataDir, offline, images(network), labelsOr(RunData.usualLabels(network)), console);
    }

    /**
     * Lists the classes of a folder of pictures without reading a picture.
     *
     * @return their names; empty for other data
     * @throws InputException if its files are missing or do not lie as they should
     */
    public List<String> folderClasses() {
        try {
            return DataSets.folderClasses(name());
        } catch (DataException | IllegalArgumentException e) {
            throw new InputException(e);
        }
    }

    /**
     * Says how pictures become examples.
     *
     * @param network the network that reads them
     * @return the choice
     */
    public ImageOptions images(Graph network) {
        ImageOptions images = pictures.of(network);
        boolean unit = pictures.areGiven() && Normalization.pixels().equals(images.normalization());
        return unit && "cifar10".equals(data) ? images.withNormalization(CIFAR10_UNIT) : images;
    }

    /** {@return where data sets lie, as text for {@code run.yaml}; null where no option says so} */
    @Nullable
    public String folder() {
        return dataDir == null ? null : dataDir.toAbsolutePath().toString();
    }

    /**
     * Opens a run's data set.
     *
     * @param run the run's configuration
     * @param otherFolder where data sets lie now; null for where they lay
     * @param console shows how far downloads are
     * @return the training and the test part
     */
    public static Splits open(RunConfiguration run, @Nullable Path otherFolder, Console console) {
        return open(run, otherFolder, false, console);
    }

    private static Splits open(RunConfiguration run, @Nullable Path otherFolder, boolean offline, Console console) {
        String folder = run.dataDir();
        Path own = folder == null ? null : Path.of(folder);
        ImageOptions images = run.images();
        Map<String, String> fixed = run.fixed();
        return open(
                        otherFolder == null ? run.data() : moved(run.data(), otherFolder),
                        otherFolder == null ? own : otherFolder,
                        offline,
                        images == null ? DataOptions.defaults().images() : images,
                        run.labels(),
                        console)
                .without(fixed == null ? Set.of() : fixed.keySet());
    }

    /** A path's last part in another folder; a name that is no path as it is. */
    private static String moved(String name, Path folder) {
        for (String kind : PATHS) {
            if (name.startsWith(kind)) {
                Path was = Path.of(absolute(name).substring(kind.length()));
                return kind + folder.resolve(String.valueOf(was.getFileName()));
            }
        }
        return name;
    }

    /**
     * Opens a data set by its name. One name is always the same data, whatever a run's seed: otherwise {@code eval} would measure on what a
     * run with another seed had trained on.
     *
     * @param data the data set's name
     * @param dataDir where data sets lie; null for the default places
     * @param offline true to download nothing
     * @param images how pictures of a folder become examples
     * @param console where it shows how far downloads are
     * @return the training and the test part
     */
    public static Splits open(
            String data, @Nullable Path dataDir, boolean offline, ImageOptions images, Console console) {
        return open(data, dataDir, offline, images, null, console);
    }

    private static Splits open(
            String data,
            @Nullable Path dataDir,
            boolean offline,
            ImageOptions images,
            @Nullable String labels,
            Console console) {
        if (data.startsWith(RANDOM_LABELS)) {
            Splits real = open(data.substring(RANDOM_LABELS.length()), dataDir, offline, images, labels, console);
            return new Splits(real.train().withRandomLabels(1), real.test().withRandomLabels(2));
        }
        try (DataProgressBar progress = new DataProgressBar(console.err(), Duration.ofSeconds(2))) {
            DataOptions options = DataOptions.defaults()
                    .withDataDir(dataDir)
                    .withImages(images)
                    .withDownload(!offline)
                    .withLabels(labels == null ? DataOptions.LABELS : labels)
                    .withProgress(progress);
            Splits splits = DataSets.open(data, options);
            return PATHS.stream().anyMatch(data::startsWith) ? splits : normalized(splits, images.normalization());
        } catch (DataException | IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            throw new InputException(
                    message.contains("another folder that is chosen") ? message + " (--data-dir)" : message, e);
        }
    }

    /** Pictures of a known form: as asked for, null being measured, or by their own normalisation where nothing was. */
    private static Splits normalized(Splits splits, @Nullable Normalization asked) {
        if (asked == null) {
            return splits.withNormalization(splits.train().measureNormalization());
        }
        return asked.equals(Normalization.pixels()) ? splits : splits.withNormalization(asked);
    }
}
