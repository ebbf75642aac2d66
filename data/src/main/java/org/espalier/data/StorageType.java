package org.espalier.data;

/** How the elements of an input are kept in memory. */
public enum StorageType {
    /** Single-precision numbers. */
    FLOAT32,
    /** Unsigned bytes, 0 to 255: raw pixels, turned into floats when they are read. */
    UINT8,
    /** Signed 64-bit integers, such as token ids; never scaled. */
    INT64
}
