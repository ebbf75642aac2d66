package org.espalier.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.espalier.cli.console.ExitCode;
import org.espalier.cli.console.Table;
import org.espalier.data.sources.DataSets;
import org.espalier.io.IoProblem;
import org.espalier.job.Format;
import org.espalier.job.JobException;
import org.espalier.platform.Caches;
import org.espalier.platform.NativeLibraries;
import org.espalier.platform.UnpackedLibraries;
import org.espalier.runtime.OnnxSession;
import org.espalier.torch.Engine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;

/** {@code espalier cache}: what lies in the cache, which can be filled and cleared. */
@Command(
        name = "cache",
        mixinStandardHelpOptions = true,
        description = {
            "Shows where native libraries and downloaded data sets lie, and how large they are.",
            "The place is ESPALIER_CACHE, or else espalier in XDG_CACHE_HOME, ~/.cache or the temporary folder."
        })
final class CacheCommand implements Callable<Integer> {
    private static final double MEGABYTE = 1e6;

    /** What to do. */
    enum Action {
        SHOW,
        FILL,
        CLEAR
    }

    @ParentCommand
    private EspalierCommand espalier;

    @Parameters(
            arity = "0..1",
            paramLabel = "show|fill|clear",
            description = {
                "fill unpacks all native libraries, so that an image of a machine has them;",
                "clear removes them and what was downloaded, and no other file (default: show)."
            })
    private Action action = Action.SHOW;

    @Override
    public Integer call() {
        try {
            if (action == Action.FILL) {
                Engine.start();
                OnnxSession.load();
            } else if (action == Action.CLEAR) {
                clear();
            }
            show();
        } catch (IOException e) {
            throw new JobException("cache '" + Caches.root() + "': " + IoProblem.of(e), e);
        }
        return ExitCode.DONE;
    }

    private void clear() throws IOException {
        int files = UnpackedLibraries.clear(NativeLibraries.folder());
        for (Path file : DataSets.downloaded()) {
            Files.delete(file);
            files++;
        }
        espalier.console().note("espalier: " + Format.count((long) files) + " files removed");
    }

    private void show() throws IOException {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("cache", Caches.root().toString());
        Table table = new Table("cache", "MB", "files", "place");
        row(table, data, "natives", NativeLibraries.folder(), UnpackedLibraries.files(NativeLibraries.folder()));
        row(table, data, "data", Caches.data(), DataSets.downloaded());
        espalier.console().result(data, table.toString());
    }

    private static void row(Table table, Map<String, Object> data, String kind, Path place, List<Path> files) {
        long bytes = files.stream()
                .filter(file -> !Files.isSymbolicLink(file))
                .mapToLong(CacheCommand::size)
                .sum();
        table.row(kind, Format.of("%.1f", bytes / MEGABYTE), Format.count((long) files.size()), place);
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("place", place.toString());
        values.put("bytes", bytes);
        values.put("files", files.size());
        data.put(kind, values);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
