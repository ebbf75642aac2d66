package org.espalier.zoo;

import java.util.List;
import java.util.Map;
import org.espalier.graph.GraphBuilder;
import org.espalier.graph.TensorData;

/**
 * MobileNetV2 (Sandler et al., "MobileNetV2: Inverted Residuals and Linear Bottlenecks", 2018, table 2) for images of 32×32: the first
 * two steps that halve the image are left out. ReLU6 is {@code Clip} between 0 and 6.
 */
record MobileNetV2Like() implements ZooNetwork {
    /** Expansion, channels, blocks, stride of the first block. */
    private static final int[][] STAGES = {
        {1, 16, 1, 1}, {6, 24, 2, 1}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
    };

    @Override
    public String name() {
        return "mobilenetv2-like";
    }

    @Override
    public long[] inputShape() {
        return new long[] {3, 32, 32};
    }

    @Override
    public String layers(GraphBuilder b, String input, WidthScale width) {
        b.constant("relu6.min", TensorData.ofFloats(new float[] {0}));
        b.constant("relu6.max", TensorData.ofFloats(new float[] {6}));
        int in = width.of(32);
        String x = convolution(b, "stem", input, 3, in, 3, 1, 1);
        int number = 0;
        for (int[] stage : STAGES) {
            int out = width.of(stage[1]);
            for (int i = 0; i < stage[2]; i++) {
                x = block(b, "block" + ++number, x, in, out, stage[0], i == 0 ? stage[3] : 1);
                in = out;
            }
        }
        int last = width.of(1280);
        x = convolution(b, "head", x, in, last, 1, 1, 1);
        x = b.flatten("flatten", b.globalAveragePool("pool", x));
        return b.gemm("fc", x, last, classes());
    }

    private static String block(GraphBuilder b, String name, String x, int in, int out, int expansion, int stride) {
        int inner = in * expansion;
        String y = expansion == 1 ? x : convolution(b, name + ".expand", x, in, inner, 1, 1, 1);
        y = convolution(b, name + ".depthwise", y, inner, inner, 3, stride, inner);
        y = b.conv(name + ".project.conv", y, inner, out, 1, 1, 0, 1, false);
        y = b.batchNorm(name + ".project.bn", y, out);
        return stride == 1 && in == out ? b.add(name + ".add", x, y) : y;
    }

    /** Convolution, batch normalisation, ReLU6. */
    private static String convolution(
            GraphBuilder b, String name, String x, int in, int out, int kernel, int stride, int group) {
        String y = b.conv(name + ".conv", x, in, out, kernel, stride, kernel / 2, group, false);
        y = b.batchNorm(name + ".bn", y, out);
        return b.node(name + ".relu6", "Clip", List.of(y, "relu6.min", "relu6.max"), Map.of());
    }
}
