package org.espalier.data.sources;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import org.espalier.data.DataProgress;

/** Tells a listener how many of a file's unpacked bytes were read, at most once per megabyte and at the end. */
final class ReadBytes {
    private static final int STEP = 1 << 20;

    private final DataProgress progress;
    private final String task;
    private final long total;
    private long read;
    private long told;

    ReadBytes(DataProgress progress, String task, long total) {
        this.progress = progress;
        this.task = task;
        this.total = total;
    }

    /** The same bytes, counted as they are read. */
    InputStream counted(InputStream in) {
        return new FilterInputStream(in) {
            @Override
            public int read() throws IOException {
                int value = super.read();
                add(value < 0 ? 0 : 1);
                return value;
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                int n = super.read(bytes, offset, length);
                add(Math.max(0, n));
                return n;
            }
        };
    }

    private void add(int bytes) {
        read += bytes;
        if (read - told >= STEP || (read == total && read != told)) {
            told = read;
            progress.update(task, DataProgress.BYTES, read, total);
        }
    }
}
