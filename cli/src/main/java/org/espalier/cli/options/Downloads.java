package org.espalier.cli.options;

import java.io.PrintStream;
import org.espalier.cli.console.Progress;
import org.espalier.data.DownloadProgress;
import org.jspecify.annotations.Nullable;

/** Shows how far downloads are, one file after the other; nothing for one whose length is not known. */
final class Downloads implements DownloadProgress {
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
            if (p != null) {
                p.close();
            }
            p = Progress.start("download " + file, "kB", total / 1000, err);
            progress = p;
            shown = file;
        }
        before = bytes;
        p.to(bytes / 1000, "");
        if (bytes == total) {
            p.close();
            progress = null;
        }
    }
}
