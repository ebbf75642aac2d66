package org.espalier.data.sources;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.espalier.data.DataSet;
import org.espalier.data.DataSetBuilder;
import org.espalier.data.ImageOptions;
import org.espalier.data.Normalization;
import org.espalier.data.Splits;
import org.espalier.data.formats.FileTree;
import org.espalier.data.pictures.Picture;
import org.espalier.data.pictures.PictureLoader;

/**
 * Reads pictures that lie in one folder per class: {@code CLASS/picture}, or {@code train/CLASS/picture} and
 * {@code test/CLASS/picture}; in a folder or a zip file. Pictures without any folder are a data set without labels.
 *
 * <p>Classes are numbered in the order of their names. Without a test part ({@code test}, else {@code val},
 * {@code valid} or {@code validation}) one is held out.
 */
final class ImageFolder {
    private static final String TRAIN = "train";
    private static final List<String> TESTS = List.of("test", "val", "valid", "validation");
    private static final Set<String> PICTURES = Set.of("jpg", "jpeg", "png");

    private final FileTree tree;
    private final ImageOptions options;
    private final DataProgress progress;

    private ImageFolder(FileTree tree, ImageOptions options, DataProgress progress) {
        this.tree = tree;
        this.progress = progress;
        this.options = options;
    }

    /**
     * Reads all pictures.
     *
     * @param name of the data set
     * @throws DataException if there are none, or one is damaged or of another size
     */
    static Splits open(String name, Path path, DataOptions options) {
        try (FileTree tree = FileTree.open(path)) {
            return new ImageFolder(tree, options.images(), options.progress()).read(name, options);
        } catch (IOException e) {
            throw DataException.unreadable(FileTree.SUBJECT, path, "a folder or a zip file", e);
        }
    }

    /**
     * The names of the classes, in their order; empty where there are none. No picture is read.
     *
     * @throws DataException if files do not lie as they should
     */
    static List<String> classes(Path path) {
        try (FileTree tree = FileTree.open(path)) {
            return new ImageFolder(tree, ImageOptions.asTheyAre(), DataProgress.silent()).listing().classes;
        } catch (IOException e) {
            throw DataException.unreadable(FileTree.SUBJECT, path, "a folder or a zip file", e);
        }
    }

    /** Files of both parts, none in the second where that is to be held out, and classes, none where there are no labels. */
    private record Listing(List<String> train, List<String> test, List<String> classes) {}

    private Splits read(String name, DataOptions data) {
        Listing listing = listing();
        List<String> all =
                Stream.concat(listing.train.stream(), listing.test.stream()).toList();
        DataSetBuilder pictures = pictures(name, all);
        if (!listing.classes.isEmpty()) {
            int[] labels =
                    all.stream().mapToInt(file -> number(listing.classes, file)).toArray();
            pictures.classes(labels, listing.classes);
        }
        DataSet whole = pictures.build();
        if (listing.test.isEmpty()) {
            return heldOut(whole, data);
        }
        int count = listing.train.size();
        int[] later = IntStream.range(count, all.size()).toArray();
        return normalized(new Splits(whole.take(count), whole.subset(later)));
    }

    private Listing listing() {
        List<String> files = tree.files();
        if (!files.isEmpty() && files.stream().noneMatch(file -> file.indexOf('/') >= 0)) {
            files.forEach(this::requirePicture);
            return new Listing(files, List.of(), List.of());
        }
        Parts found = parts(files, "");
        for (String file : files) {
            if (file.indexOf('/', found.prefix.length()) < 0 && isPicture(file)) {
                throw refuse("pictures must lie in class folders", found.prefix + "CLASS/picture", file);
            }
        }
        Map<String, List<String>> parts = found.files;
        String test = TESTS.stream().filter(parts::containsKey).findFirst().orElse("");
        boolean split = parts.containsKey(TRAIN);
        List<String> trainFiles = parts.getOrDefault(split ? TRAIN : "", List.of());
        List<String> testFiles = split && !test.isEmpty() ? parts.getOrDefault(test, List.of()) : List.of();
        List<String> classes = List.copyOf(
                new TreeSet<>(trainFiles.stream().map(ImageFolder::classOf).toList()));
        if (classes.isEmpty()) {
            throw refuse("there must be one folder per class", "CLASS/picture.jpg or train/CLASS/picture.jpg", "none");
        }
        Stream.concat(trainFiles.stream(), testFiles.stream()).forEach(file -> {
            requirePicture(file);
            requireDepth(file, found.prefix, split);
            if (number(classes, file) < 0) {
                throw refuse("test classes must occur in training", classes, classOf(file));
            }
        });
        return new Listing(trainFiles, testFiles, classes);
    }

    private Splits heldOut(DataSet whole, DataOptions data) {
        if (whole.size() < 2) {
            throw refuse("something must be left to hold out", "at least 2 pictures", whole.size());
        }
        return normalized(whole.holdOut(data.holdOut(), data.seed()).asHeldOut());
    }

    private Splits normalized(Splits splits) {
        return options.normalization() == null
                ? splits.withNormalization(splits.train().measureNormalization())
                : splits;
    }

    private DataException refuse(String rule, Object expected, Object found) {
        return DataException.of(FileTree.SUBJECT, tree.root(), rule, expected, found);
    }

    /** Files by part, and the path before the parts' names. */
    private record Parts(String prefix, Map<String, List<String>> files) {}

    /**
     * Files by part: {@code train}, {@code test} … or, without such folders, all of them under the empty name. A single
     * folder around everything is looked through.
     */
    private static Parts parts(List<String> files, String prefix) {
        Map<String, List<String>> byFirst = new TreeMap<>();
        int deepest = 0;
        for (String file : files) {
            String rest = file.substring(prefix.length());
            int slash = rest.indexOf('/');
            if (slash > 0) {
                byFirst.computeIfAbsent(rest.substring(0, slash), key -> new ArrayList<>())
                        .add(file);
                deepest = Math.max(deepest, rest.split("/", -1).length);
            }
        }
        if (byFirst.containsKey(TRAIN) && deepest > 2) {
            return new Parts(prefix, byFirst);
        }
        if (byFirst.size() == 1 && deepest > 2) {
            return parts(files, prefix + byFirst.keySet().iterator().next() + "/");
        }
        return new Parts(
                prefix,
                Map.of(
                        "",
                        byFirst.values().stream().flatMap(List::stream).sorted().toList()));
    }

    /** A folder inside a class folder may be a class of its own, or a part of that one: who keeps the pictures must say which. */
    private void requireDepth(String file, String prefix, boolean split) {
        String[] folders = file.substring(prefix.length()).split("/", -1);
        if (folders.length != (split ? 3 : 2)) {
            throw refuse(
                    "pictures must lie in class folders, and those must not hold folders",
                    prefix + (split ? folders[0] + "/" : "") + "CLASS/picture",
                    file);
        }
    }

    /** The folder that a picture lies in. */
    private static String classOf(String file) {
        int end = file.lastIndexOf('/');
        return file.substring(file.lastIndexOf('/', end - 1) + 1, end);
    }

    /** The number of a picture's class; negative where there is none. */
    private static int number(List<String> sorted, String file) {
        return Collections.binarySearch(sorted, classOf(file));
    }

    private void requirePicture(String file) {
        if (!isPicture(file)) {
            throw DataException.of(
                    "image", tree.locate(file), "folders must hold pictures only", "JPEG or PNG", "another name");
        }
    }

    private static boolean isPicture(String file) {
        return PICTURES.contains(file.substring(file.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT));
    }

    private DataSetBuilder pictures(String name, List<String> files) {
        List<Picture> pictures = new PictureLoader(tree, options, progress).load(files);
        byte[][] rows = pictures.stream().map(Picture::pixels).toArray(byte[][]::new);
        Picture first = pictures.get(0);
        Normalization given = options.normalization() == null ? Normalization.pixels() : options.normalization();
        if (given.mean().size() != 1 && given.mean().size() != first.channels()) {
            throw refuse(
                    "normalization must fit the channels",
                    first.channels(),
                    given.mean().size());
        }
        return DataSet.builder(name).bytes("", rows, given, first.channels(), first.height(), first.width());
    }
}
