package org.espalier.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.InvalidProtocolBufferException;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import org.espalier.graph.Graph;
import org.espalier.zoo.Zoo;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Damaged models are read as valid ones or refused with an {@link OnnxException}, in bounded time and memory. Replay with {@code
 * -Dtests.seed=N}.
 */
class OnnxFuzzTest {
    private static final long SEED = Long.getLong("tests.seed", 20261121);
    private static final long MOST_BYTES = 64L << 20;
    private static final long MOST_NANOS = 5_000_000_000L;

    private static final ThreadMXBean THREAD = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private int refused;
    private int valid;

    private static List<ModelProto> models() throws InvalidProtocolBufferException {
        return List.of(
                SampleModels.addition().build(),
                SampleModels.everything().build(),
                ModelProto.parseFrom(OnnxWriter.toBytes(Zoo.build("resnet20:0.1", 1))));
    }

    @Test
    void read_everyByteDamaged_isValidOrRefused() {
        for (ModelProto.Builder model : List.of(SampleModels.addition(), SampleModels.everything())) {
            byte[] bytes = model.build().toByteArray();
            for (int i = 0; i < bytes.length; i++) {
                for (int change : new int[] {0x01, 0x80, 0xff}) {
                    byte[] mutant = bytes.clone();
                    mutant[i] ^= (byte) change;
                    check(mutant, "byte " + i + " xor " + change);
                }
            }
        }
        assertThat(refused).isGreaterThan(1000);
        assertThat(valid).isGreaterThan(300);
    }

    @Test
    void read_everyPrefix_isValidOrRefused() {
        byte[] bytes = SampleModels.everything().build().toByteArray();
        for (int i = 0; i < bytes.length; i++) {
            check(java.util.Arrays.copyOf(bytes, i), "prefix of " + i);
        }
        assertThat(refused).isGreaterThan(bytes.length / 2);
    }

    @Test
    void read_damagedModels_areValidOrRefused() throws InvalidProtocolBufferException {
        damage(3000);
    }

    @Test
    @Tag("slow")
    void read_manyDamagedModels_areValidOrRefused() throws InvalidProtocolBufferException {
        damage(60_000);
    }

    private void damage(int mutants) throws InvalidProtocolBufferException {
        List<ModelProto> models = models();
        List<byte[]> files = models.stream().map(ModelProto::toByteArray).toList();
        for (int i = 0; i < mutants; i++) {
            long seed = SEED * 1_000_003 + i;
            Damage damage = new Damage(seed);
            int which = i % models.size();
            byte[] mutant =
                    i / models.size() % 2 == 0 ? damage.bytes(files.get(which)) : damage.fields(models.get(which));
            check(mutant, String.format(Locale.ROOT, "mutant %d of -Dtests.seed=%d", i, SEED));
        }
        assertThat(refused).isGreaterThan(mutants / 10);
        assertThat(valid).isGreaterThan(mutants / 10);
    }

    private void check(byte[] mutant, String what) {
        long bytesBefore = THREAD.getCurrentThreadAllocatedBytes();
        long nanosBefore = THREAD.getCurrentThreadCpuTime();
        Graph graph = null;
        try {
            graph = OnnxReader.read(mutant, "mutant.onnx");
            valid++;
        } catch (OnnxException e) {
            refused++;
            assertThat(e.getMessage()).as(what).startsWith("mutant.onnx: ").hasSizeGreaterThan(20);
            assertThat(e.getMessage())
                    .as(what)
                    .doesNotContainPattern("\\p{Cntrl}")
                    .hasSizeLessThan(700);
        } catch (Throwable e) {
            fail(what + ": " + e, e);
        }
        long bytes = THREAD.getCurrentThreadAllocatedBytes() - bytesBefore;
        assertThat(bytes).as("bytes allocated for " + what).isLessThan(MOST_BYTES);
        long nanos = THREAD.getCurrentThreadCpuTime() - nanosBefore;
        assertThat(nanos).as("processor time for " + what).isLessThan(MOST_NANOS);
        if (graph != null) {
            // The first writing may repair names that are no UTF-8; from then on nothing changes.
            Graph once = OnnxReader.read(OnnxWriter.toBytes(graph), "once.onnx");
            assertThat(once.nodes()).as(what).hasSameSizeAs(graph.nodes());
            Graphs.assertSame(OnnxReader.read(OnnxWriter.toBytes(once), "twice.onnx"), once);
        }
    }
}
