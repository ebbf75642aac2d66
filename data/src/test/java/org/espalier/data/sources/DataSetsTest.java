package org.espalier.data.sources;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.espalier.data.DataException;
import org.espalier.data.DataProgress;
import org.espalier.data.Splits;
import org.espalier.data.TestFiles;
import org.espalier.io.EditDistance;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DataSetsTest {
    private static final List<String> NAMES = List.of(
            "train-images-idx3-ubyte.gz",
            "train-labels-idx1-ubyte.gz",
            "t10k-images-idx3-ubyte.gz",
            "t10k-labels-idx1-ubyte.gz");

    /** Long: a loaded machine may keep a good server silent for a while. */
    private static final Duration PATIENCE = Duration.ofSeconds(50);

    private final Path folder;
    private final HttpServer server;
    private final AtomicInteger requests = new AtomicInteger();
    private final Map<String, byte[]> served = new HashMap<>();

    DataSetsTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.setExecutor(task -> {
            Thread thread = new Thread(task);
            thread.setDaemon(true);
            thread.start();
        });
        server.start();
        for (int i = 0; i < 4; i++) {
            served.put("/good/" + NAMES.get(i), TestFiles.gzip(contents(i)));
        }
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private static byte[] contents(int role) {
        return role % 2 == 0
                ? TestFiles.idx(0x803, new int[] {2, 3, 3}, TestFiles.bytes(18, role))
                : TestFiles.idx(0x801, new int[] {2}, new byte[] {1, 0});
    }

    private void answer(HttpExchange exchange) throws IOException {
        requests.incrementAndGet();
        String path = exchange.getRequestURI().getPath();
        if (path.startsWith("/silent/")) {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(1);
            exchange.getResponseBody().flush();
            return;
        }
        boolean cut = path.startsWith("/cut/");
        byte[] body = served.get(path.replace("/cut/", "/good/"));
        if (body == null) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        exchange.sendResponseHeaders(200, body.length);
        OutputStream out = exchange.getResponseBody();
        out.write(body, 0, cut ? body.length / 2 : body.length);
        if (cut) {
            out.flush();
            throw new IOException("the server closes the connection");
        }
        out.close();
    }

    private String address(String folderName) {
        return "http://localhost:" + server.getAddress().getPort() + "/" + folderName + "/";
    }

    private IdxSource source(String... mirrors) {
        return sourceAt(Stream.of(mirrors).map(this::address).toList());
    }

    private static IdxSource sourceAt(List<String> addresses) {
        List<RemoteFile> files = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            try {
                byte[] contents = contents(i);
                String hash = Downloader.hash(new ByteArrayInputStream(contents));
                files.add(new RemoteFile(NAMES.get(i), hash, contents.length, true));
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
        return new IdxSource("toy", List.of("a", "b"), List.of(), addresses, files);
    }

    private Splits open(IdxSource source) {
        return open(source, PATIENCE);
    }

    private Splits open(IdxSource source, Duration patience) {
        DataPlaces places = new DataPlaces(folder.resolve("data"), folder.resolve("cache"));
        Downloader downloader = new Downloader(DataProgress.silent(), patience);
        return source.open(places, DataOptions.defaults(), downloader);
    }

    private List<String> kept() {
        try (Stream<Path> files = Files.list(folder.resolve("data").resolve("toy"))) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void open_missing_isDownloadedOnceAndKept() {
        Splits first = open(source("good"));
        assertThat(first.train().size()).isEqualTo(2);
        assertThat(kept()).containsExactlyInAnyOrderElementsOf(NAMES);
        assertThat(requests).hasValue(4);
        Splits again = open(source("good"));
        assertThat(again.test().pixels(1)).isEqualTo(first.test().pixels(1));
        assertThat(requests).hasValue(4);
    }

    @Test
    void open_firstMirrorFails_secondServes() {
        assertThat(open(source("nowhere", "good")).train().label(0)).isEqualTo(1);
        assertThat(kept()).containsExactlyInAnyOrderElementsOf(NAMES);
    }

    @Test
    void open_wrongContents_areNotKept() {
        served.put("/good/" + NAMES.get(0), TestFiles.gzip(contents(2)));
        assertThatThrownBy(() -> open(source("good")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("SHA-256 must match, expected")
                .hasMessageContaining(folder.resolve("data/toy").toString())
                .hasMessageContaining("t10k-labels-idx1-ubyte.gz")
                .message()
                .doesNotContain("\n");
        assertThat(kept()).isEmpty();
    }

    @Test
    void open_cutOrSilentServer_failsAndKeepsNothing() {
        assertThatThrownBy(() -> open(source("cut")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("download failed");
        assertThatThrownBy(() -> open(source("silent"), Duration.ofMillis(1_500)))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("download failed");
        assertThat(kept()).isEmpty();
    }

    /** What a killed process has left goes; what somebody still writes stays, and so do files of other names. */
    @Test
    void open_partsOfInterruptedDownloads_areRemovedUnlessSomebodyWritesThem() throws IOException {
        Path cache = folder.resolve("data").resolve("toy");
        Path left = PartFile.name(cache, NAMES.get(0));
        TestFiles.write(left, new byte[10]);
        Path foreign = TestFiles.write(cache.resolve(NAMES.get(0) + ".mine.part"), new byte[10]);
        Path written = PartFile.name(cache, NAMES.get(0));
        try (PartFile other = PartFile.create(written)) {
            other.stream().write(1);
            open(source("good"));
            assertThat(left).doesNotExist();
            assertThat(written).exists();
            assertThat(foreign).exists();
        }
        PartFile.removeAbandoned(cache, NAMES.get(0));
        assertThat(written).doesNotExist();
    }

    @Test
    void open_noNetwork_saysWhichFilesToPutWhere() throws IOException {
        // A port that is taken, so that nobody else gets it, but at which nobody listens.
        try (Socket taken = new Socket()) {
            taken.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            String address = "http://localhost:" + taken.getLocalPort() + "/";
            assertThatThrownBy(() -> open(sourceAt(List.of(address))))
                    .isInstanceOf(DataException.class)
                    .hasMessageStartingWith("data set 'toy': its files must be in " + folder.resolve("data/toy"))
                    .hasMessageContaining(String.join(", ", NAMES))
                    .hasMessageContaining("or where ESPALIER_DATA says")
                    .hasMessageContaining("ConnectException")
                    .hasMessageContaining(address)
                    .message()
                    .doesNotContain("\n");
        }
    }

    @Test
    void withKind_pathThatIsThere_isNamedByWhatItHolds() throws IOException {
        Path pictures = Files.createDirectories(folder.resolve("pictures"));
        Path zip = Files.write(folder.resolve("p.zip"), new byte[1]);
        Path arrays = Files.write(folder.resolve("a.npz"), new byte[1]);
        assertThat(DataSets.withKind(pictures.toString())).isEqualTo("folder:" + pictures);
        assertThat(DataSets.withKind(zip.toString())).isEqualTo("folder:" + zip);
        assertThat(DataSets.withKind(arrays.toString())).isEqualTo("arrays:" + arrays);
        for (String other : List.of("mnist", "folder:x", "arrays:" + pictures, "", "nothing.npz", "a\0b")) {
            assertThat(DataSets.withKind(other)).isEqualTo(other);
        }
    }

    @Test
    void fetch_progress_endsAtTheTotal() throws IOException {
        AtomicLong last = new AtomicLong();
        AtomicLong total = new AtomicLong();
        Downloader downloader = new Downloader(
                (task, unit, bytes, all) -> {
                    last.set(bytes);
                    total.set(all);
                },
                PATIENCE);
        RemoteFile file = source("good").files().get(0);
        Path place = downloader.fetch(List.of(address("good")), file, folder);
        assertThat(last.get()).isEqualTo(total.get()).isEqualTo(Files.size(place));
    }

    @Test
    void open_plainFilesDotsOrFolderItself_areFound() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.write(data.resolve("train-images.idx3-ubyte"), contents(0));
        Files.write(data.resolve("train-labels.idx1-ubyte.gz"), TestFiles.gzip(contents(1)));
        Files.write(data.resolve("t10k-images-idx3-ubyte"), contents(2));
        Files.write(data.resolve("t10k-labels-idx1-ubyte"), contents(3));
        assertThat(open(source("good")).train().size()).isEqualTo(2);
        assertThat(requests).hasValue(0);
    }

    @Test
    void open_oneFileLacking_isNamed() throws IOException {
        Path data = Files.createDirectories(folder.resolve("data"));
        Files.write(data.resolve("train-images-idx3-ubyte"), contents(0));
        Files.write(data.resolve("t10k-images-idx3-ubyte"), contents(2));
        Files.write(data.resolve("t10k-labels-idx1-ubyte"), contents(3));
        assertThatThrownBy(() -> open(source("nowhere")))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("found all but train-labels-idx1-ubyte in " + data);
    }

    @Test
    void open_theOtherSetUnderTheSameNames_isRefused() {
        byte[] labels = {7, 2, 1, 0, 4, 1, 4, 9, 5, 9};
        for (String part : List.of("train", "t10k")) {
            byte[] images = TestFiles.idx(0x803, new int[] {10, 2, 2}, new byte[40]);
            TestFiles.write(folder.resolve(part + "-images-idx3-ubyte"), images);
            TestFiles.write(folder.resolve(part + "-labels-idx1-ubyte"), TestFiles.idx(0x801, new int[] {10}, labels));
        }
        assertThat(DataSets.open("mnist", folder).test().size()).isEqualTo(10);
        assertThatThrownBy(() -> DataSets.open("fashion-mnist", folder))
                .isInstanceOf(DataException.class)
                .hasMessageContaining("expected fashion-mnist, found the labels of mnist");
    }

    @Test
    void open_unknownName_suggestsTheNearest() {
        Map<String, String> nearest = Map.of(
                "minst", "mnist",
                "fashon-mnist", "fashion-mnist",
                "CIFAR-10", "cifar10",
                "digit", "digits",
                "foldr:/x", "folder:PATH",
                "array:/x.npz", "arrays:PATH",
                "my.npz", "arrays:my.npz",
                "./images", "folder:./images");
        nearest.forEach((written, meant) -> assertThatThrownBy(() -> DataSets.open(written, (Path) null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("data set '" + written + "': name must be known")
                .hasMessageEndingWith("did you mean '" + meant + "'?"));
        assertThatThrownBy(() -> DataSets.open("folder:", (Path) null))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a path must follow");
    }

    @Test
    void places_optionBeforeEnvironmentBeforeCache() {
        Path cache = Path.of("cache");
        Map<String, String> environment = Map.of("ESPALIER_DATA", "env");
        assertThat(DataPlaces.of(Path.of("opt"), environment, cache).candidates("mnist"))
                .containsExactly(Path.of("opt/mnist"), Path.of("opt"), Path.of("cache/mnist"));
        assertThat(DataPlaces.of(null, environment, cache).chosen()).isEqualTo(Path.of("env"));
        assertThat(DataPlaces.of(null, Map.of(), cache).candidates("mnist")).containsExactly(Path.of("cache/mnist"));
    }

    @Test
    void editDistance_knownPairs() {
        assertThat(EditDistance.between("kitten", "sitting")).isEqualTo(3);
        assertThat(EditDistance.between("", "abc")).isEqualTo(3);
        assertThat(Arrays.asList(EditDistance.between("a", "a"), EditDistance.between("ab", "ba")))
                .containsExactly(0, 2);
    }
}
