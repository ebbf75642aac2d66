package org.espalier.data.sources;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.espalier.data.DataException;
import org.espalier.data.Splits;
import org.espalier.io.EditDistance;
import org.espalier.platform.Caches;
import org.jspecify.annotations.Nullable;

/**
 * Opens data sets by name or path.
 *
 * <ul>
 *   <li>{@code mnist}, {@code fashion-mnist}: 28×28 grey, 10 classes; looked for on disk, else downloaded and kept
 *   <li>{@code cifar10}: 32×32 colour, 10 classes; binary batches or pictures on disk, else downloaded and kept
 *   <li>{@code digits}: like MNIST, drawn by the program itself
 *   <li>{@code folder:PATH}: JPEG or PNG pictures in one folder per class, or a zip of that; without any folder, without labels
 *   <li>{@code arrays:PATH}: numpy's {@code .npz} with one array per model input, by its name, and {@code y}
 *   <li>a path alone, of a folder, a {@code .zip} or a {@code .npz} that is there: as {@code folder:} or {@code arrays:} before it
 * </ul>
 *
 * <p>A named data set is looked for in {@code DIR/name}, in {@code DIR} itself and in {@code name} below {@link Caches#data},
 * where {@code DIR} is the given folder or else the environment's {@code ESPALIER_DATA}.
 */
public final class DataSets {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<String> KINDS =
            List.of("mnist", "fashion-mnist", "cifar10", "digits", "folder:PATH", "arrays:PATH");
    private static final String FOLDER = "folder:";
    private static final String ARRAYS = "arrays:";

    private DataSets() {}

    /**
     * Opens a data set with default options, looked for where the environment says.
     *
     * @param spec a name or a kind and a path
     * @return training and test part
     * @throws IllegalArgumentException if there is no such name
     * @throws DataException if files are missing, damaged or do not fit
     */
    public static Splits open(String spec) {
        return open(spec, DataOptions.defaults());
    }

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
        DataPlaces places = DataPlaces.of(options.dataDir(), System.getenv(), Caches.data());
        return open(spec, options, places);
    }

    /**
     * A data set's name with its kind before it, where it is the path of something that is there: a folder, a {@code .zip} or a {@code .npz}.
     * A name that is known stays that name, even where a file has it, too.
     *
     * @param spec a name, a kind and a path, or a path
     * @return {@code folder:PATH} or {@code arrays:PATH} for such a path, else what was given
     */
    public static String withKind(String spec) {
        if (KINDS.contains(spec) || spec.startsWith(FOLDER) || spec.startsWith(ARRAYS) || spec.isEmpty()) {
            return spec;
        }
        try {
            Path path = Path.of(spec);
            if (Files.isDirectory(path) || (spec.endsWith(".zip") && Files.exists(path))) {
                return FOLDER + spec;
            }
            return spec.endsWith(".npz") && Files.exists(path) ? ARRAYS + spec : spec;
        } catch (InvalidPathException e) {
            // It cannot be a path; as a name it is refused where it is opened.
            return spec;
        }
    }

    static Splits open(String name, DataOptions options, DataPlaces places) {
        String spec = withKind(name);
        if (spec.startsWith(FOLDER)) {
            Path path = path(spec, FOLDER);
            // The folder's own name: the same data wherever they lie.
            return ImageFolder.open(
                    String.valueOf(path.toAbsolutePath().normalize().getFileName()), path, options);
        }
        if (spec.startsWith(ARRAYS)) {
            return ArrayFile.open(path(spec, ARRAYS), options);
        }
        return switch (spec) {
            case "digits" -> digits(options.digitsTrain(), options.digitsTest(), options.seed());
            case "mnist" -> IdxSource.MNIST.open(places, options, downloader(options));
            case "fashion-mnist" -> IdxSource.FASHION_MNIST.open(places, options, downloader(options));
            case CifarSource.NAME -> CifarSource.CIFAR10.open(places, options, downloader(options));
            default -> throw unknown(spec);
        };
    }

    /**
     * {@return the files that downloads have left in the cache} Files of other names, put there by somebody, are not among them.
     */
    public static List<Path> downloaded() {
        List<Path> files = new ArrayList<>();
        for (IdxSource source : List.of(IdxSource.MNIST, IdxSource.FASHION_MNIST)) {
            Path folder = Caches.data().resolve(source.name());
            source.files().forEach(f -> files.add(folder.resolve(f.name())));
        }
        files.add(Caches.data()
                .resolve(CifarSource.NAME)
                .resolve(CifarSource.CIFAR10.archive().name()));
        files.removeIf(file -> !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS));
        return files;
    }

    private static Downloader downloader(DataOptions options) {
        return new Downloader(options.progress(), PATIENCE);
    }

    /**
     * The names of the classes of {@code folder:PATH}, in their order, without reading a picture; empty where it has none, and for other
     * data sets, which say so soon enough when they are opened.
     *
     * @param spec a name or a kind and a path
     * @return the names of the classes
     * @throws DataException if files are missing or do not lie as they should
     */
    public static List<String> folderClasses(String spec) {
        String name = withKind(spec);
        return name.startsWith(FOLDER) ? ImageFolder.classes(path(name, FOLDER)) : List.of();
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

    private static Path path(String spec, String kind) {
        String rest = spec.substring(kind.length());
        try {
            if (!rest.isEmpty()) {
                return Path.of(rest);
            }
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(
                    "data set '" + spec + "': path must be valid, expected " + kind + "PATH, found " + e.getReason(),
                    e);
        }
        throw new IllegalArgumentException(
                "data set '" + spec + "': a path must follow, expected " + kind + "PATH, found nothing");
    }

    private static IllegalArgumentException unknown(String spec) {
        String nearest = KINDS.get(0);
        int best = Integer.MAX_VALUE;
        for (String kind : KINDS) {
            // Of "folder:PATH" only the part before the path can be misspelt.
            String head = kind.indexOf(':') < 0 ? kind : kind.substring(0, kind.indexOf(':'));
            String written = spec.indexOf(':') < 0 ? spec : spec.substring(0, spec.indexOf(':'));
            String lower = written.toLowerCase(Locale.ROOT);
            int distance = !lower.isEmpty() && head.startsWith(lower) ? 0 : EditDistance.between(lower, head);
            if (distance < best) {
                best = distance;
                nearest = kind;
            }
        }
        boolean file = spec.endsWith(".npz") || spec.endsWith(".zip") || spec.indexOf('/') >= 0;
        if (file && spec.indexOf(':') < 0) {
            nearest = (spec.endsWith(".npz") ? ARRAYS : FOLDER) + spec;
        }
        return new IllegalArgumentException("data set '" + spec + "': name must be known, expected one of "
                + String.join(", ", KINDS) + ", found '" + spec + "'; did you mean '" + nearest + "'?");
    }
}
