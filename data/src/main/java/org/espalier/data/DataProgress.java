package org.espalier.data;

/** Hears how far the opening of a data set is: its downloads, then the reading of its files. */
@FunctionalInterface
public interface DataProgress {
    /** The unit of downloads and of arrays. */
    String BYTES = "bytes";

    /**
     * Called every now and then, from one thread at a time, and once at the end of each task that does not fail.
     *
     * @param task what is done, such as {@code download images.gz} or {@code read digits.npz}
     * @param unit of what is counted, in the plural: {@value #BYTES} or pictures
     * @param done how much of it is done
     * @param total how much there is to do, or −1 if that is not known
     */
    void update(String task, String unit, long done, long total);

    /**
     * A listener that does nothing.
     *
     * @return it
     */
    static DataProgress silent() {
        return (task, unit, done, total) -> {};
    }
}
