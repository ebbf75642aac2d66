package org.espalier.data.sources;

/**
 * A file that can be downloaded.
 *
 * @param name its name below a mirror's address, and on disk
 * @param sha256 what its bytes, or its unpacked bytes, hash to, in lower-case hexadecimal
 * @param unpacked whether the hash is that of the gzip file's contents, which survive packing again
 */
record RemoteFile(String name, String sha256, boolean unpacked) {}
