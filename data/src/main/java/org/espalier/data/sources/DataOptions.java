package org.espalier.data.sources;

import java.nio.file.Path;
import org.espalier.data.DataProgress;
import org.espalier.data.ImageOptions;
import org.jspecify.annotations.Nullable;

/**
 * How to open a data set.
 *
 * @param dataDir where data sets lie; null means the folder named by {@code ESPALIER_DATA}, if any
 * @param download whether a missing public data set may be downloaded
 * @param holdOut the fraction held out for testing where a data set brings no test part, inside (0, 1)
 * @param seed of the held-out part and of generated data
 * @param digitsTrain training examples of the generated digits
 * @param digitsTest test examples of the generated digits
 * @param images how pictures of a folder become examples
 * @param labels the array of an {@code .npz} file that holds the labels; empty where every array is an input
 * @param progress hears how far downloads are, and the reading of files
 */
public record DataOptions(
        @Nullable Path dataDir,
        boolean download,
        double holdOut,
        long seed,
        int digitsTrain,
        int digitsTest,
        ImageOptions images,
        String labels,
        DataProgress progress) {
    /** The array of labels unless another is named. */
    public static final String LABELS = "y";

    /**
     * Checks.
     *
     * @param dataDir where data sets lie
     * @param download whether a missing public data set may be downloaded
     * @param holdOut the fraction held out for testing where a data set brings no test part, inside (0, 1)
     * @param seed of the held-out part and of generated data
     * @param digitsTrain training examples of the generated digits
     * @param digitsTest test examples of the generated digits
     * @param images how pictures of a folder become examples
     * @param labels the array of an {@code .npz} file that holds the labels; empty where every array is an input
     * @param progress hears how far downloads are, and the reading of files
     * @throws IllegalArgumentException if a number is out of range
     */
    public DataOptions {
        if (!(holdOut > 0) || !(holdOut < 1)) {
            throw new IllegalArgumentException("data options 'holdOut': fraction must leave something, "
                    + "expected inside (0, 1), found " + holdOut);
        }
        if (digitsTrain < 1 || digitsTest < 1) {
            throw new IllegalArgumentException("data options 'digits': both parts must have examples, expected >= 1, "
                    + "found " + digitsTrain + " and " + digitsTest);
        }
    }

    /**
     * Downloads allowed, a tenth held out, 12,000 and 2,000 generated digits, pictures as they are, no progress.
     *
     * @return the defaults
     */
    public static DataOptions defaults() {
        return new DataOptions(
                null, true, 0.1, 0, 12_000, 2_000, ImageOptions.asTheyAre(), LABELS, DataProgress.silent());
    }

    /**
     * The same with another folder.
     *
     * @param folder where data sets lie, or null for the environment's
     * @return the options
     */
    public DataOptions withDataDir(@Nullable Path folder) {
        return new DataOptions(folder, download, holdOut, seed, digitsTrain, digitsTest, images, labels, progress);
    }

    /**
     * The same with downloads allowed or not.
     *
     * @param allowed whether to ask the network
     * @return the options
     */
    public DataOptions withDownload(boolean allowed) {
        return new DataOptions(dataDir, allowed, holdOut, seed, digitsTrain, digitsTest, images, labels, progress);
    }

    /**
     * The same with another held-out part.
     *
     * @param fraction inside (0, 1)
     * @param newSeed which examples
     * @return the options
     */
    public DataOptions withHoldOut(double fraction, long newSeed) {
        return new DataOptions(dataDir, download, fraction, newSeed, digitsTrain, digitsTest, images, labels, progress);
    }

    /**
     * The same with other image options.
     *
     * @param newImages how pictures become examples
     * @return the options
     */
    public DataOptions withImages(ImageOptions newImages) {
        return new DataOptions(dataDir, download, holdOut, seed, digitsTrain, digitsTest, newImages, labels, progress);
    }

    /**
     * The same with another listener.
     *
     * @param listener hears how far downloads are, and the reading of files
     * @return the options
     */
    public DataOptions withProgress(DataProgress listener) {
        return new DataOptions(dataDir, download, holdOut, seed, digitsTrain, digitsTest, images, labels, listener);
    }

    /**
     * The same with another array of labels.
     *
     * @param array its name in an {@code .npz} file; empty where every array is an input
     * @return the options
     */
    public DataOptions withLabels(String array) {
        return new DataOptions(dataDir, download, holdOut, seed, digitsTrain, digitsTest, images, array, progress);
    }
}
