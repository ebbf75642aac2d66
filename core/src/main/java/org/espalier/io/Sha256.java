package org.espalier.io;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The checksum of files that must be known again. */
public final class Sha256 {
    private Sha256() {}

    /** {@return a digest to feed piece by piece} */
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /**
     * The checksum of all bytes, as 64 hexadecimal digits.
     *
     * @param bytes the bytes
     * @return the checksum of all bytes, as 64 hexadecimal digits
     */
    public static String of(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }
}
