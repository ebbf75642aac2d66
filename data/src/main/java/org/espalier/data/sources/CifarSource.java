package org.espalier.data.sources;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.data.DataException;
import org.espalier.data.DataSet;
import org.espalier.data.ImageOptions;
import org.espalier.data.Splits;
import org.espalier.data.formats.CifarBatch;
import org.espalier.data.formats.FileTree;
import org.espalier.data.formats.RegularFile;
import org.espalier.data.formats.TarGz;
import org.jspecify.annotations.Nullable;

/**
 * CIFAR-10: its binary batches, unpacked or as {@code .tar.gz}, or pictures in class folders. The Python form, pickles, is not read.
 * Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
 *
 * @param mirrors addresses that end in a slash
 * @param archive the binary batches
 * @param recordsPerBatch images in each batch file
 */
public record CifarSource(List<String> mirrors, RemoteFile archive, int recordsPerBatch) {
    static final String NAME = "cifar10";
    static final CifarSource CIFAR10 = new CifarSource(
            List.of("https://www.cs.toronto.edu/~kriz/"),
            new RemoteFile(
                    "cifar-10-binary.tar.gz",
                    "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                    170_052_171,
                    false),
            10_000);

    private static final List<String> CLASSES =
            List.of("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    private static final String EXTENSION = ".bin";
    private static final int TRAIN_BATCHES = 5;
    private static final List<String> PICTURES = List.of("cifar10.zip", "cifar10-jpeg.zip");

    /**
     * Opens the data set. The original batches go before pictures.
     *
     * @throws DataException if its files are damaged, or neither found nor downloaded
     */
    Splits open(DataPlaces places, DataOptions options, Downloader downloader) {
        for (Path folder : places.candidates(NAME)) {
            Splits found = find(folder, options);
            if (found != null) {
                return found;
            }
        }
        return readArchive(download(places, options, downloader));
    }

    private @Nullable Splits find(Path folder, DataOptions options) {
        for (String inner : List.of("", "cifar-10-batches-bin")) {
            Path at = folder.resolve(inner);
            if (Files.isRegularFile(at.resolve("test_batch" + EXTENSION))) {
                return readFolder(at);
            }
        }
        if (Files.isRegularFile(folder.resolve(archive.name()))) {
            return readArchive(folder.resolve(archive.name()));
        }
        for (String name : PICTURES) {
            if (Files.isRegularFile(folder.resolve(name))) {
                return readPictures(folder.resolve(name), options);
            }
        }
        boolean unpacked = Files.isDirectory(folder.resolve("train").resolve(CLASSES.get(0)));
        return unpacked ? readPictures(folder, options) : null;
    }

    private static Splits readPictures(Path path, DataOptions options) {
        Splits splits = ImageFolder.open(NAME, path, options.withImages(ImageOptions.cifar10()));
        if (!splits.train().classNames().equals(CLASSES)) {
            throw DataException.of(
                    FileTree.SUBJECT,
                    path,
                    "classes must be CIFAR-10's",
                    CLASSES,
                    splits.train().classNames());
        }
        return splits;
    }

    private Splits readFolder(Path folder) {
        Map<String, CifarBatch> batches = new TreeMap<>();
        for (String name : batchNames()) {
            Path file = folder.resolve(name + EXTENSION);
            RegularFile.require(CifarBatch.SUBJECT, file);
            try (InputStream in = Files.newInputStream(file)) {
                byte[] contents = in.readNBytes(maxFile() + 1);
                if (contents.length > maxFile()) {
                    throw DataException.of(
                            CifarBatch.SUBJECT, file, "file must hold one batch", "<= " + maxFile() + " bytes", "more");
                }
                batches.put(name, CifarBatch.parse(file, contents, recordsPerBatch));
            } catch (IOException e) {
                throw DataException.unreadable(CifarBatch.SUBJECT, file, "one of CIFAR-10's six batches", e);
            }
        }
        return splits(batches);
    }

    private Splits readArchive(Path file) {
        Map<String, CifarBatch> batches = new TreeMap<>();
        try {
            TarGz.visit(file, maxFile(), (path, contents) -> {
                String base = path.substring(path.lastIndexOf('/') + 1);
                String name = base.endsWith(EXTENSION) ? base.substring(0, base.length() - EXTENSION.length()) : "";
                if (batchNames().contains(name)) {
                    batches.put(name, CifarBatch.parse(file.resolve(base), contents, recordsPerBatch));
                }
            });
        } catch (IOException e) {
            throw DataException.unreadable("CIFAR-10 archive", file, "a whole .tar.gz", e);
        }
        if (batches.size() != TRAIN_BATCHES + 1) {
            throw DataException.of(
                    "CIFAR-10 archive", file, "all batches must be there", batchNames(), batches.keySet());
        }
        return splits(batches);
    }

    /** More than a batch takes: 3,072 bytes of pixels and a label per image. */
    private int maxFile() {
        return (1 << 20) + recordsPerBatch * 4096;
    }

    private static List<String> batchNames() {
        List<String> names = new ArrayList<>();
        for (int i = 1; i <= TRAIN_BATCHES; i++) {
            names.add("data_batch_" + i);
        }
        names.add("test_batch");
        return names;
    }

    private static Splits splits(Map<String, CifarBatch> batches) {
        List<CifarBatch> all =
                List.copyOf(batches.values()); // in the order of names: data batches, then the test batch
        return new Splits(dataSet(all.subList(0, TRAIN_BATCHES)), dataSet(all.subList(TRAIN_BATCHES, all.size())));
    }

    private static DataSet dataSet(List<CifarBatch> batches) {
        byte[][] rows = batches.stream().flatMap(CifarBatch::images).toArray(byte[][]::new);
        int[] labels = batches.stream().flatMapToInt(CifarBatch::labels).toArray();
        return DataSet.builder(NAME)
                .bytes("", rows, ImageOptions.CIFAR10_NORMALIZATION, 3, 32, 32)
                .classes(labels, CLASSES)
                .build();
    }

    private Path download(DataPlaces places, DataOptions options, Downloader downloader) {
        String reason = "none, and downloads are off";
        if (options.download()) {
            try {
                return downloader.fetch(mirrors, archive, places.keep(NAME));
            } catch (IOException e) {
                reason = "none, and the download failed: " + DataException.oneLine(String.valueOf(e.getMessage()));
            }
        }
        throw new DataException("data set '" + NAME + "': its files must be in " + places.wanted(NAME)
                + " (or where " + DataPlaces.VARIABLE + " says, or another folder that is chosen), expected "
                + archive.name()
                + " or what is in it (not the Python form), or cifar10.zip with train/CLASS and test/CLASS, found "
                + reason);
    }
}
