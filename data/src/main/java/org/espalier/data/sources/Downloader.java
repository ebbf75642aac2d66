package org.espalier.data.sources;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.espalier.data.DataException;

/**
 * Fetches files over HTTP: written beside their place under another name, checked by SHA-256, then moved into place in
 * one step. A file under its own name is therefore always whole. What a process that was killed has left is removed.
 */
final class Downloader {
    private static final int CHUNK = 1 << 16;

    private final DownloadProgress progress;
    private final Duration patience;
    private final HttpClient client;

    /**
     * Creates a downloader.
     *
     * @param progress hears how far files are
     * @param patience how long a server may be silent
     */
    Downloader(DownloadProgress progress, Duration patience) {
        this.progress = progress;
        this.patience = patience;
        this.client = HttpClient.newBuilder()
                .connectTimeout(patience)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .build();
    }

    /**
     * Fetches a file from the first mirror that has it.
     *
     * @param mirrors addresses of folders, ending in a slash
     * @param folder exists
     * @return the file
     * @throws IOException with one line per mirror that failed, joined
     */
    Path fetch(List<String> mirrors, RemoteFile file, Path folder) throws IOException {
        PartFile.removeAbandoned(folder, file.name());
        List<String> reasons = new ArrayList<>();
        for (String mirror : mirrors) {
            URI address = URI.create(mirror + file.name());
            Path part = PartFile.name(folder, file.name());
            try (PartFile out = PartFile.create(part)) {
                receive(address, file.name(), out.stream());
                String found = file.unpacked() ? unpackedHash(part) : hash(part);
                if (!found.equals(file.sha256())) {
                    throw new IOException("SHA-256 must match, expected " + file.sha256() + ", found " + found);
                }
                return moveIntoPlace(part, folder.resolve(file.name()));
            } catch (InterruptedIOException e) {
                throw e;
            } catch (IOException e) {
                String text = e.getMessage() == null ? "" : ": " + DataException.oneLine(e.getMessage());
                reasons.add(address + " (" + e.getClass().getSimpleName() + text + ")");
            } finally {
                Files.deleteIfExists(part);
            }
        }
        throw new IOException(String.join("; ", reasons));
    }

    private static Path moveIntoPlace(Path part, Path place) throws IOException {
        try {
            return Files.move(part, place, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            return Files.move(part, place, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void receive(URI address, String name, OutputStream out) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(patience).GET().build();
        HttpResponse<InputStream> response;
        try {
            response = client.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while asking " + address);
        }
        long total = response.headers().firstValueAsLong("Content-Length").orElse(-1);
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("expected status 200, found " + response.statusCode());
            }
            copy(body, out, name, total);
        }
    }

    /** Copies to the end; a server that falls silent has its connection closed, which ends the read. */
    private void copy(InputStream body, OutputStream out, String name, long total) throws IOException {
        AtomicLong lastHeard = new AtomicLong(System.nanoTime());
        ScheduledExecutorService watch = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "espalier-download-watch");
            thread.setDaemon(true);
            return thread;
        });
        try {
            long tick = Math.max(1, patience.toMillis() / 4);
            Future<?> watching = watch.scheduleWithFixedDelay(
                    () -> {
                        if (System.nanoTime() - lastHeard.get() > patience.toNanos()) {
                            closeQuietly(body);
                        }
                    },
                    tick,
                    tick,
                    TimeUnit.MILLISECONDS);
            byte[] chunk = new byte[CHUNK];
            long received = 0;
            for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
                out.write(chunk, 0, n);
                received += n;
                lastHeard.set(System.nanoTime());
                progress.update(name, received, total);
            }
            watching.cancel(false);
            if (total >= 0 && received != total) {
                throw new IOException("expected " + total + " bytes, found " + received);
            }
        } finally {
            watch.shutdownNow();
        }
    }

    private static void closeQuietly(InputStream body) {
        try {
            body.close();
        } catch (IOException e) {
            // The reader meets the same trouble and reports it.
            return;
        }
    }

    private static String hash(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return hash(in);
        }
    }

    private static String unpackedHash(Path file) throws IOException {
        try (InputStream in = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file), CHUNK), CHUNK)) {
            return hash(in);
        }
    }

    /** SHA-256 of all bytes, in lower-case hexadecimal. */
    static String hash(InputStream in) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        byte[] chunk = new byte[CHUNK];
        for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
            digest.update(chunk, 0, n);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
