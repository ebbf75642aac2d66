package org.espalier.data.sources;

/**
 * A file that can be downloaded.
 *
 * @param name its name below a mirror's address, and on disk
 * @param sha256 what its bytes, or its unpacked bytes, hash to, in lower-case hexadecimal
 * @param size how many bytes those are
 * @param unpacked whether hash and size are those of the gzip file's contents, which survive packing again
 */
record RemoteFile(String name, String sha256, long size, boolean unpacked) {
    /** What packing may add to contents that cannot be packed. */
    private static final int PACKING = 1 << 16;

    /** The most bytes that a download may have. */
    long most() {
        return unpacked ? size + PACKING : size;
    }
}
