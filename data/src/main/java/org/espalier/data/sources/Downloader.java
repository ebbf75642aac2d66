package org.espalier.data.sources;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
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
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.GZIPInputStream;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.espalier.data.formats.BoundedStream;
import org.jspecify.annotations.Nullable;

/**
 * Fetches files over HTTP: written beside their place under another name, checked by SHA-256, then moved into place in
 * one step. A file under its own name is therefore always whole. What a process that was killed has left is removed.
 */
final class Downloader {
    private static final int CHUNK = 1 << 16;
    /** Bytes per second that a server must reach in the mean. */
    private static final long SLOWEST = 16 << 10;

    private static final String PROXY = "HTTPS_PROXY";

    private final DataProgress progress;
    private final Duration patience;

    /**
     * Creates a downloader.
     *
     * @param progress hears how far files are
     * @param patience how long a server may be silent
     */
    Downloader(DataProgress progress, Duration patience) {
        this.progress = progress;
        this.patience = patience;
    }

    private HttpClient client() {
        HttpClient.Builder builder =
                HttpClient.newBuilder().connectTimeout(patience).followRedirects(HttpClient.Redirect.NORMAL);
        InetSocketAddress proxy = proxy(System.getenv());
        return (proxy == null ? builder : builder.proxy(ProxySelector.of(proxy))).build();
    }

    /**
     * The proxy that the environment names in {@code HTTPS_PROXY}; null for none.
     *
     * @throws DataException if it is no {@code http://HOST:PORT}
     */
    static @Nullable InetSocketAddress proxy(Map<String, String> environment) {
        String named = environment.getOrDefault(PROXY, environment.getOrDefault(PROXY.toLowerCase(Locale.ROOT), ""));
        if (named.isBlank()) {
            return null;
        }
        try {
            URI address = URI.create(named.contains("://") ? named : "http://" + named);
            if ("http".equals(address.getScheme()) && address.getHost() != null && address.getUserInfo() == null) {
                return new InetSocketAddress(address.getHost(), address.getPort() < 0 ? 80 : address.getPort());
            }
        } catch (IllegalArgumentException e) {
            // the error below
        }
        throw new DataException("environment variable " + PROXY + ": must name a proxy, expected http://HOST:PORT"
                + " without a user, found another address");
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
                requireSecure(address);
                receive(address, file, out.stream());
                String found = file.unpacked() ? unpackedHash(part, file.size()) : hash(part);
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

    /** What is asked for over plain HTTP, anybody on the way may read and change. This machine itself is not on the way. */
    private static void requireSecure(URI address) throws IOException {
        boolean here = List.of("localhost", "127.0.0.1").contains(String.valueOf(address.getHost()));
        if (!"https".equals(address.getScheme()) && !here) {
            throw new IOException("must be an https address");
        }
    }

    private void receive(URI address, RemoteFile file, OutputStream out) throws IOException {
        HttpRequest request =
                HttpRequest.newBuilder(address).timeout(patience).GET().build();
        HttpResponse<InputStream> response;
        try {
            response = client().send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while asking " + address);
        }
        long total = response.headers().firstValueAsLong("Content-Length").orElse(-1);
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new IOException("expected status 200, found " + response.statusCode());
            }
            if (total > file.most()) {
                throw new IOException("expected at most " + file.most() + " bytes, found " + total);
            }
            copy(body, out, file, total);
        }
    }

    /**
     * Copies to the end, and no more than the file has. A server that falls silent, or takes longer than the slowest that is waited for, has
     * its connection closed, which ends the read.
     */
    private void copy(InputStream body, OutputStream out, RemoteFile file, long total) throws IOException {
        long deadline = System.nanoTime() + patience.toNanos() + file.most() * (TimeUnit.SECONDS.toNanos(1) / SLOWEST);
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
                        long now = System.nanoTime();
                        if (now - lastHeard.get() > patience.toNanos() || now > deadline) {
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
                if (received > file.most()) {
                    throw new IOException("expected at most " + file.most() + " bytes, found more");
                }
                lastHeard.set(System.nanoTime());
                progress.update("download " + file.name(), DataProgress.BYTES, received, total);
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

    private static String unpackedHash(Path file, long size) throws IOException {
        try (InputStream in = new GZIPInputStream(new BufferedInputStream(Files.newInputStream(file), CHUNK), CHUNK)) {
            return hash(new BoundedStream(in, size));
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
