package org.espalier.data.formats;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A stream that may be no longer than it was said to be: what is packed can be a thousand times as long as its file. */
public final class BoundedStream extends FilterInputStream {
    private final long most;
    private long count;

    /**
     * A stream that ends with an error where it is too long.
     *
     * @param in the bytes
     * @param most bytes that may be read
     */
    public BoundedStream(InputStream in, long most) {
        super(in);
        this.most = most;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = in.read(bytes, offset, length);
        count += Math.max(0, n);
        if (count > most) {
            throw new IOException("more than " + most + " bytes unpacked");
        }
        return n;
    }

    @Override
    public long skip(long n) throws IOException {
        byte[] some = new byte[(int) Math.max(1, Math.min(n, 1 << 16))];
        return Math.max(0, read(some, 0, some.length));
    }
}
