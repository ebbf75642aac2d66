package org.espalier.cli.options;

import java.io.PrintStream;
import org.espalier.cli.console.Progress;
import org.espalier.data.DownloadProgress;
import org.jspecify.annotations.Nullable;

/** Shows how far downloads are, one file after the other. */
final class Downloads implements DownloadProgress {
    private final PrintStream err;
    private @Nullable String shown;
    private @Nullable Progress progress;

    Downloads(PrintStream err) {
        this.err = err;
    }

    @Override
    public void update(String file, long bytes, long total) {
        Progress p = progress;
        if (p == null || !file.equals(shown)) {
            p = Progress.start("download " + file, "kB", Math.max(total, bytes) / 1000, err);
            progress = p;
            shown = file;
        }
        p.to(bytes / 1000, "");
        if (bytes == total) {
            p.close();
            progress = null;
        }
    }
}
