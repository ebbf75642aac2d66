package org.espalier.cli.options;

import java.io.PrintStream;
import org.espalier.cli.console.Progress;
import org.espalier.data.sources.DownloadProgress;
import org.jspecify.annotations.Nullable;

/** Shows how far downloads are, one file after the other; nothing for one whose length is not known. Closed after the last one. */
final class Downloads implements DownloadProgress, AutoCloseable {
    private final PrintStream err;
    private @Nullable String shown;
    private @Nullable Progress progress;
    private long before;

    Downloads(PrintStream err) {
        this.err = err;
    }

    @Override
    public void update(String file, long bytes, long total) {
        if (total < 0) {
            return;
        }
        Progress p = progress;
        if (p == null || !file.equals(shown) || bytes < before) {
            close();
            p = Progress.start("download " + file, "kB", total / 1000, err);
            progress = p;
            shown = file;
        }
        before = bytes;
        p.to(bytes / 1000, "");
        if (bytes == total) {
            close();
        }
    }

    /** Ends what is shown, also of a download that failed. */
    @Override
    public void close() {
        if (progress != null) {
            progress.close();
            progress = null;
        }
    }
}
