package org.espalier.data.sources;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.espalier.data.DataException;
import org.espalier.data.DataSet;
import org.espalier.data.Splits;
import org.espalier.data.formats.IdxReader;
import org.jspecify.annotations.Nullable;

/**
 * MNIST and the data sets made in its image: four IDX files, found on disk or downloaded.
 *
 * @param name of the data set and of its folder
 * @param classNames by class number
 * @param firstTestLabels tells data sets apart whose files have the same names
 * @param mirrors addresses that end in a slash
 * @param files training images, training labels, test images, test labels
 */
record IdxSource(
        String name,
        List<String> classNames,
        List<Integer> firstTestLabels,
        List<String> mirrors,
        List<RemoteFile> files) {

    private static final List<String> ROLES = List.of("train-images", "train-labels", "t10k-images", "t10k-labels");

    static final IdxSource MNIST = new IdxSource(
            "mnist",
            List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9"),
            List.of(7, 2, 1, 0, 4, 1, 4, 9, 5, 9),
            List.of(
                    "https://ossci-datasets.s3.amazonaws.com/mnist/",
                    "https://storage.googleapis.com/cvdf-datasets/mnist/"),
            remote(
                    true,
                    List.of(47_040_016L, 60_008L, 7_840_016L, 10_008L),
                    "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
                    "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
                    "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
                    "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"));

    static final IdxSource FASHION_MNIST = new IdxSource(
            "fashion-mnist",
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot"),
            List.of(9, 2, 1, 1, 6, 1, 4, 6, 5, 7),
            List.of("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"),
            remote(
                    false,
                    List.of(26_421_880L, 29_515L, 4_422_102L, 5_148L),
                    "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
                    "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
                    "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
                    "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"));

    private static List<RemoteFile> remote(boolean unpacked, List<Long> sizes, String... hashes) {
        List<RemoteFile> files = new ArrayList<>();
        for (int i = 0; i < hashes.length; i++) {
            files.add(new RemoteFile(fileName(i, '-') + ".gz", hashes[i], sizes.get(i), unpacked));
        }
        return List.copyOf(files);
    }

    private static String fileName(int role, char separator) {
        return ROLES.get(role) + separator + (role % 2 == 0 ? "idx3" : "idx1") + "-ubyte";
    }

    /**
     * Opens the data set.
     *
     * @throws DataException if its files are damaged, or neither found nor downloaded
     */
    Splits open(DataPlaces places, DataOptions options, Downloader downloader) {
        for (Path folder : places.candidates(name)) {
            List<Path> found = find(folder);
            if (found != null) {
                return read(found);
            }
        }
        return read(download(places, options, downloader));
    }

    /** All four files of a folder, or null. */
    private static @Nullable List<Path> find(Path folder) {
        List<Path> found = new ArrayList<>();
        for (int role = 0; role < ROLES.size(); role++) {
            Path file = find(folder, role);
            if (file != null) {
                found.add(file);
            }
        }
        return found.size() == ROLES.size() ? found : null;
    }

    private static @Nullable Path find(Path folder, int role) {
        String dash = fileName(role, '-');
        String dot = fileName(role, '.');
        return Stream.of(dash + ".gz", dash, dot + ".gz", dot)
                .map(folder::resolve)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElse(null);
    }

    /** The files that a folder lacks which has some of them; null where there is no such folder. */
    private @Nullable String incomplete(DataPlaces places) {
        for (Path folder : places.candidates(name)) {
            List<String> lacking = IntStream.range(0, ROLES.size())
                    .filter(role -> find(folder, role) == null)
                    .mapToObj(role -> fileName(role, '-'))
                    .toList();
            if (lacking.size() < ROLES.size()) {
                return "all but " + String.join(", ", lacking) + " in " + folder;
            }
        }
        return null;
    }

    private Splits read(List<Path> paths) {
        DataSet test = IdxReader.read(name, paths.get(2), paths.get(3), classNames);
        requireNotTheOther(paths.get(3), test);
        return new Splits(IdxReader.read(name, paths.get(0), paths.get(1), classNames), test);
    }

    /** MNIST in place of Fashion-MNIST would train well and mean nothing: the files' names are the same. */
    private void requireNotTheOther(Path labelFile, DataSet test) {
        for (IdxSource other : List.of(MNIST, FASHION_MNIST)) {
            if (!other.name.equals(name) && startsWith(test, other.firstTestLabels)) {
                throw DataException.of(
                        "IDX file", labelFile, "file must belong to the data set", name, "the labels of " + other.name);
            }
        }
    }

    private static boolean startsWith(DataSet data, List<Integer> labels) {
        for (int i = 0; i < labels.size(); i++) {
            if (i >= data.size() || data.label(i) != labels.get(i)) {
                return false;
            }
        }
        return true;
    }

    private List<Path> download(DataPlaces places, DataOptions options, Downloader downloader) {
        String some = incomplete(places);
        String there = some == null ? "none" : some;
        if (!options.download()) {
            throw missing(places, there + ", and downloads are off");
        }
        try {
            Path folder = places.keep(name);
            List<Path> paths = new ArrayList<>();
            for (RemoteFile file : files) {
                paths.add(downloader.fetch(mirrors, file, folder));
            }
            return paths;
        } catch (IOException e) {
            throw missing(
                    places,
                    there + ", and the download failed: " + DataException.oneLine(String.valueOf(e.getMessage())));
        }
    }

    private DataException missing(DataPlaces places, String found) {
        List<String> names = files.stream().map(RemoteFile::name).toList();
        return new DataException("data set '" + name + "': its files must be in " + places.wanted(name)
                + " (or where " + DataPlaces.VARIABLE + " says, or another folder that is chosen), expected "
                + String.join(", ", names)
                + " (gzip or plain), found " + found);
    }
}
