package org.espalier.tensorboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.progress.EpochMetrics;
import org.espalier.progress.GroupMetrics;
import org.espalier.progress.VariationalObjective;
import org.espalier.recipe.TrainingPhase;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Event files, read back with protobuf's parser for unknown fields. */
class TensorBoardTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    /** The events of a file; checks every checksum. */
    private static List<UnknownFieldSet> read(Path file) throws IOException {
        byte[] all = Files.readAllBytes(file);
        ByteBuffer in = ByteBuffer.wrap(all).order(ByteOrder.LITTLE_ENDIAN);
        List<UnknownFieldSet> events = new ArrayList<>();
        while (in.hasRemaining()) {
            int start = in.position();
            int length = Math.toIntExact(in.getLong());
            assertThat(in.getInt()).isEqualTo(EventFile.checksum(all, start, 8));
            byte[] data = new byte[length];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(EventFile.checksum(data, 0, length));
            events.add(UnknownFieldSet.parseFrom(data));
        }
        return events;
    }

    private static long step(UnknownFieldSet event) {
        return event.getField(2).getVarintList().get(0);
    }

    private static UnknownFieldSet inside(UnknownFieldSet message, int field) throws IOException {
        return UnknownFieldSet.parseFrom(
                message.getField(field).getLengthDelimitedList().get(0));
    }

    private static String text(UnknownFieldSet message, int field) {
        return message.getField(field).getLengthDelimitedList().get(0).toStringUtf8();
    }

    private static double number(UnknownFieldSet message, int field) {
        return Double.longBitsToDouble(message.getField(field).getFixed64List().get(0));
    }

    private static double[] packed(UnknownFieldSet message, int field) {
        ByteString bytes = message.getField(field).getLengthDelimitedList().get(0);
        ByteBuffer b = bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        double[] out = new double[b.remaining() / 8];
        b.asDoubleBuffer().get(out);
        return out;
    }

    private static EpochMetrics metrics(int epoch, double heldOut) {
        List<Long> histogram = new ArrayList<>(Collections.nCopies(GroupMetrics.BUCKETS, 0L));
        histogram.set(14, 2L);
        histogram.set(16, 3L);
        GroupMetrics g = new GroupMetrics(5, 3, 12.5, List.of(0.7, 0.7, 0.7, 1.7, 1.7, 1.7, 1.7), histogram);
        return new EpochMetrics(
                TrainingPhase.PRUNE,
                epoch,
                9,
                10L * epoch,
                0.25,
                0.5,
                1,
                new VariationalObjective(100, 20),
                Map.of("fc1", 3),
                1234,
                heldOut,
                1e-3,
                1e-2,
                2,
                20,
                100,
                0.1,
                Map.of("fc1", g));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        }
    }

    @Test
    void checksum_knownVector() {
        // CRC-32C of "123456789" is 0xE3069283 (RFC 3720, B.4, and the catalogue's check value).
        byte[] data = "123456789".getBytes(StandardCharsets.US_ASCII);
        int crc = 0xE3069283;
        int masked = ((crc >>> 15) | (crc << 17)) + 0xa282ead8;
        assertThat(EventFile.checksum(data, 0, data.length)).isEqualTo(masked);
    }

    @Test
    void onEpoch_writesScalarsAndHistograms() throws IOException {
        try (TensorBoard board = new TensorBoard(folder)) {
            board.onStep(40, 100);
            board.onEpoch(metrics(4, 7.5));
            board.onStep(50, 100);
            board.onEpoch(metrics(5, Double.NaN));
        }
        List<UnknownFieldSet> events = read(files().get(0));
        assertThat(text(events.get(0), 3)).isEqualTo("brain.Event:2");
        assertThat(number(events.get(0), 1)).isCloseTo(System.currentTimeMillis() / 1e3, within(60.0));
        assertThat(inside(events.get(1), 7).getField(1).getVarintList()).containsExactly(1L);
        Map<String, Double> scalars = new LinkedHashMap<>();
        Map<String, UnknownFieldSet> histograms = new LinkedHashMap<>();
        for (UnknownFieldSet e : events.subList(2, events.size())) {
            UnknownFieldSet value = inside(inside(e, 5), 1);
            String tag = text(value, 1) + "@" + step(e);
            if (value.hasField(2)) {
                scalars.put(tag, (double)
                        Float.intBitsToFloat(value.getField(2).getFixed32List().get(0)));
            } else {
                histograms.put(tag, inside(value, 5));
            }
        }
        assertThat(scalars)
                .containsEntry("train/loss@40", 0.25)
                .containsEntry("train/penalty@50", 0.5)
                .containsEntry("network/macs@40", 1234.0)
                .containsEntry("held_out/error_percent@40", 7.5)
                .containsEntry("units/fc1@50", 3.0)
                .containsEntry("kl/fc1@40", 12.5)
                .doesNotContainKey("held_out/error_percent@50");
        assertThat(histograms).containsOnlyKeys("log10_snr/fc1@40", "log10_snr/fc1@50");
        checkHistogram(histograms.values().iterator().next());
    }

    private static void checkHistogram(UnknownFieldSet h) {
        assertThat(number(h, 1)).isCloseTo(-0.2, within(1e-9));
        assertThat(number(h, 2)).isCloseTo(0.4, within(1e-9));
        assertThat(number(h, 3)).isEqualTo(5);
        assertThat(number(h, 4)).isCloseTo(2 * -0.1 + 3 * 0.3, within(1e-9));
        assertThat(number(h, 5)).isCloseTo(2 * 0.01 + 3 * 0.09, within(1e-9));
        assertThat(packed(h, 6)).containsExactly(new double[] {0, 0.2, 0.4}, within(1e-9));
        assertThat(packed(h, 7)).containsExactly(2, 0, 3);
    }

    @Test
    void onResume_beginsAnotherFileAtThatStep() throws IOException {
        for (long done : new long[] {0, 70}) {
            try (TensorBoard board = new TensorBoard(folder)) {
                board.onResume(done, 100, List.of());
                board.onEpoch(metrics(1, 3));
            }
        }
        assertThat(files()).hasSize(2).allMatch(p -> p.toString().contains("tfevents"));
        UnknownFieldSet start = read(files().get(1)).get(1);
        assertThat(start.hasField(7)).isTrue();
        assertThat(step(start)).isEqualTo(70);
    }

    @Test
    void noEpoch_noFile() throws IOException {
        try (TensorBoard board = new TensorBoard(folder)) {
            board.onStep(1, 10);
        }
        assertThat(files()).isEmpty();
    }
}
