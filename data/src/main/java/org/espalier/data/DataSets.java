package org.espalier.data;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens data sets by name or path.
 *
 * <ul>
 *   <li>{@code mnist}, {@code fashion-mnist}: 28×28 grey, 10 classes; looked for on disk, else downloaded and kept
 *   <li>{@code digits}: the same shape, drawn by the program itself
 * </ul>
 *
 * <p>A named data set is looked for in {@code DIR/name}, in {@code DIR} itself and in {@code ~/.cache/espalier/name},
 * where {@code DIR} is the given folder or else the environment's {@code ESPALIER_DATA}.
 */
public final class DataSets {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> NAMES = List.of("mnist", "fashion-mnist", "digits");

    private DataSets() {}

    /**
     * Opens a data set with default options.
     *
     * @param spec a name or a kind and a path
     * @param dataDir where data sets lie; null for the environment's folder
     * @return training and test part
     * @throws IllegalArgumentException if there is no such name
     * @throws DataException if files are missing, damaged or do not fit
     */
    public static Splits open(String spec, @Nullable Path dataDir) {
        return open(spec, DataOptions.defaults().withDataDir(dataDir));
    }

    /**
     * Opens a data set.
     *
     * @param spec a name or a kind and a path
     * @param options where to look, what to hold out
     * @return training and test part
     * @throws IllegalArgumentException if there is no such name
     * @throws DataException if files are missing, damaged or do not fit
     */
    public static Splits open(String spec, DataOptions options) {
        DataPlaces places =
                DataPlaces.of(options.dataDir(), System.getenv(), Path.of(System.getProperty("user.home", ".")));
        return open(spec, options, places);
    }

    static Splits open(String spec, DataOptions options, DataPlaces places) {
        return switch (spec) {
            case "digits" -> digits(options.digitsTrain(), options.digitsTest(), options.seed());
            case "mnist" -> IdxSource.MNIST.open(places, options, downloader(options));
            case "fashion-mnist" -> IdxSource.FASHION_MNIST.open(places, options, downloader(options));
            default -> throw unknown(spec);
        };
    }

    private static Downloader downloader(DataOptions options) {
        return new Downloader(options.progress(), PATIENCE);
    }

    /**
     * Draws handwritten digits: 28×28 grey images [1, 28, 28] on an exactly zero background, 10 classes in turn.
     *
     * @param train number of training examples, at least 1
     * @param test number of test examples, at least 1
     * @param seed the same seed draws the same images, on every machine
     * @return both parts; example i does not depend on how many there are
     * @throws IllegalArgumentException if a number is not positive
     */
    public static Splits digits(int train, int test, long seed) {
        return DigitGenerator.generate(train, test, seed);
    }

    private static IllegalArgumentException unknown(String spec) {
        String nearest = NAMES.get(0);
        for (String name : NAMES) {
            if (EditDistance.between(spec, name) < EditDistance.between(spec, nearest)) {
                nearest = name;
            }
        }
        return new IllegalArgumentException("data set '" + spec + "': name must be known, expected one of "
                + String.join(", ", NAMES) + ", found '" + spec + "'; did you mean '" + nearest + "'?");
    }
}
