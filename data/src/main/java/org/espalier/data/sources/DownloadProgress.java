package org.espalier.data.sources;

/** Hears how far a download is. */
@FunctionalInterface
public interface DownloadProgress {
    /**
     * Called every now and then, and once at the end of each file.
     *
     * @param file the file's name
     * @param bytes received so far
     * @param total bytes in all, or −1 if the server does not say
     */
    void update(String file, long bytes, long total);

    /**
     * A listener that does nothing.
     *
     * @return it
     */
    static DownloadProgress silent() {
        return (file, bytes, total) -> {};
    }
}
