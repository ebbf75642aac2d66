package org.espalier.torch;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.AutoGradMode;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Whether products of bfloat16 are faster than those of float32.
 *
 * <p>libtorch computes them on every processor; on one without instructions for them a step takes three times as long as in float32. So a
 * processor is asked for its instructions, AVX512-BF16 or AMX-BF16, as Linux tells them: libtorch itself says only that there is AVX-512.
 * A GPU, of which the build for the CPU knows no more than its number, is timed.
 */
final class Bfloat16 {
    private static final List<String> INSTRUCTIONS = List.of("avx512_bf16", "amx_bf16");
    private static final int SIZE = 2048;
    private static final int PRODUCTS = 20;

    private Bfloat16() {}

    /** Whether they are faster on a device, by its name. */
    static boolean isFast(String device) {
        return device.equals("cpu") ? isFastOnCpu(Path.of("/proc/cpuinfo")) : isFastOn(Engine.device(device));
    }

    /** Whether a processor has such instructions; false where the system does not tell. */
    static boolean isFastOnCpu(Path cpuinfo) {
        try {
            return Files.readString(cpuinfo, StandardCharsets.ISO_8859_1)
                    .lines()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> Arrays.asList(line.split("\\s+", -1)).stream().anyMatch(INSTRUCTIONS::contains))
                    .orElse(false);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isFastOn(Device gpu) {
        return nanos(gpu, ScalarType.BFloat16) < nanos(gpu, ScalarType.Float);
    }

    /** Of some products; the first ones warm the device up, and reading a value of the last one waits for all of them. */
    private static long nanos(Device device, ScalarType type) {
        Engine.exact(true);
        try (Scope scope = Scope.open();
                AutoGradMode off = new AutoGradMode(false)) {
            Tensor a = torch.randn(SIZE, SIZE).to(device, type);
            Tensor b = torch.randn(SIZE, SIZE).to(device, type);
            multiply(a, b);
            long start = System.nanoTime();
            multiply(a, b);
            return System.nanoTime() - start;
        }
    }

    private static void multiply(Tensor a, Tensor b) {
        Tensor product = a;
        for (int i = 0; i < PRODUCTS; i++) {
            product = a.matmul(b);
        }
        product.flatten().get(0).item();
    }
}
