package org.espalier.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.bytedeco.javacpp.Pointer;
import org.espalier.progress.TrainingListener;
import org.espalier.torch.Engine;
import org.espalier.torch.NativeHandles;
import org.espalier.torch.Precision;
import org.espalier.torch.Scope;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Native memory stays flat. */
class MemoryTest {
    @Test
    void run_closesAllNativeObjects() {
        Engine.start(1);
        Toy.Settings s = Toy.settings();
        s.pretrainEpochs = 1;
        s.pruneEpochs = 3;
        s.finetuneEpochs = 1;
        s.patienceEpochs = 1;
        s.distillation = 0.3;
        long[] counts = new long[4];
        Engine.device();
        Map<String, Long> before = NativeHandles.places();
        for (int i = 0; i < counts.length; i++) {
            new PruningRun(Toy.convolutional(), Toy.digits(), s.recipe(), Toy.SBP, TrainingListener.silent()).run();
            System.gc();
            counts[i] = Pointer.totalCount();
        }
        assertThat(counts[3] - counts[1])
                .as("native objects that two runs left, of %s", counts[3])
                .isLessThan(20);
        assertThat(NativeHandles.DEBUG).isTrue();
        assertThat(NativeHandles.places()).isEqualTo(before);
        assertThat(Scope.openScopes()).isEmpty();
    }

    /** A leak grows in every part of a run; what the compiler and the allocator take now and then does not. */
    @ParameterizedTest
    @EnumSource
    @EnabledOnOs(OS.LINUX)
    void steps_thousands_residentMemoryFlat(Precision precision) throws IOException, InterruptedException {
        assertThat(growth(3000, 3, precision).min().orElseThrow()).isLessThan(4L << 20);
    }

    @ParameterizedTest
    @EnumSource
    @Tag("slow")
    @EnabledOnOs(OS.LINUX)
    void steps_twentyThousand_residentMemoryFlat(Precision precision) throws IOException, InterruptedException {
        assertThat(growth(20_000, 1, precision).sum()).isLessThan(20L << 20);
    }

    /** In a process whose heap is all there from the start, so that only native memory can grow. */
    private static LongStream growth(int steps, int parts, Precision precision)
            throws IOException, InterruptedException {
        Process process = Forked.java(
                List.of("-Xms96m", "-Xmx96m", "-XX:+AlwaysPreTouch", "-XX:TieredStopAtLevel=1"),
                MemoryProbe.class,
                Integer.toString(steps),
                Integer.toString(parts),
                precision.name());
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(out).isZero();
        return out.lines().mapToLong(Long::parseLong);
    }
}
