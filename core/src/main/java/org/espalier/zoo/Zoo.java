package org.espalier.zoo;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.espalier.graph.Graph;
import org.espalier.io.EditDistance;

/**
 * Built-in networks by name. Each reads {@code input} [N, C, H, W] in float32 and gives {@code logits} [N, classes], the scores before
 * softmax.
 */
public final class Zoo {
    private static final List<ZooNetwork> NETWORKS = List.of(
            new LeNetFc("lenet-fc", 500, 300),
            new LeNetFc("lenet-300-100", 300, 100),
            new LeNet5(),
            new VggLike(),
            new ResNet("resnet20", 20),
            new ResNet("resnet56", 56),
            new MobileNetV2Like());

    private static final double LARGEST_SCALE = 16;

    private Zoo() {}

    /** {@return the names of all networks} */
    public static List<String> names() {
        return NETWORKS.stream().map(ZooNetwork::name).toList();
    }

    /**
     * Whether {@code spec} names a network (with or without a scale), not a file.
     *
     * @param spec a name, possibly with a scale
     * @return whether {@code spec} names a network (with or without a scale), not a file
     */
    public static boolean contains(String spec) {
        return names().contains(nameOf(spec));
    }

    /**
     * Builds a network with random weights.
     *
     * @param spec a name, or {@code name:scale} with a factor in (0, 16] on the width of every hidden layer, for example {@code
     *     vgg-like:1.5}
     * @param seed of the weights; the same seed gives the same network on every machine
     * @return the network
     * @throws IllegalArgumentException if there is no such network, or the scale is not a number in that range
     */
    public static Graph build(String spec, long seed) {
        String name = nameOf(spec);
        for (ZooNetwork n : NETWORKS) {
            if (n.name().equals(name)) {
                return n.build(new WidthScale(scaleOf(spec)), seed);
            }
        }
        throw new IllegalArgumentException("network '" + name + "': unknown, did you mean '" + nearest(name)
                + "'? Known are " + String.join(", ", names()));
    }

    private static String nameOf(String spec) {
        int colon = spec.indexOf(':');
        return colon < 0 ? spec : spec.substring(0, colon);
    }

    private static double scaleOf(String spec) {
        int colon = spec.indexOf(':');
        if (colon < 0) {
            return 1;
        }
        String text = spec.substring(colon + 1);
        try {
            double scale = Double.parseDouble(text);
            if (scale > 0 && scale <= LARGEST_SCALE) {
                return scale;
            }
        } catch (NumberFormatException e) {
            // the error below
        }
        throw new IllegalArgumentException(
                "network '" + nameOf(spec) + "': scale must be a number in (0, 16], found '" + text + "'");
    }

    private static String nearest(String name) {
        String lower = name.toLowerCase(Locale.ROOT);
        return names().stream()
                .min(Comparator.comparingInt(
                        known -> !lower.isEmpty() && known.startsWith(lower) ? 0 : EditDistance.between(lower, known)))
                .orElseThrow();
    }
}
