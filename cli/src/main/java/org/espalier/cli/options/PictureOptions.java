package org.espalier.cli.options;

import java.util.ArrayList;
import java.util.List;
import org.espalier.data.ImageOptions;
import org.espalier.data.Normalization;
import org.espalier.graph.Dimension;
import org.espalier.graph.Graph;
import org.espalier.graph.Value;
import org.espalier.job.Format;
import org.espalier.job.InputException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that say how pictures become examples; sizes and channels, of folders only, come from the network where it fixes them. */
public final class PictureOptions {
    /** What pixels become before mean and standard deviation are applied. */
    enum Scale {
        /** 0 to 1. */
        UNIT,
        /** 0 to 255. */
        RAW,
        /** Mean 0 and deviation 1 per channel, measured on the training part. */
        DATA,
        /** Mean 0 and deviation 1 of each picture by itself. */
        PICTURE
    }

    /** Height, width and channels of a network's input; 0 where it takes any. */
    private record Layout(int height, int width, int channels) {}

    @Option(
            names = "--resize",
            paramLabel = "N",
            description = "Bring the shorter side of pictures to this length before the centre is cut out.")
    private int resize;

    @Option(
            names = {"--size", "--crop"},
            paramLabel = "N|HxW",
            description = "Size that is cut out (default: what the network takes).")
    private @Nullable String size;

    @Option(names = "--channels", paramLabel = "1|3", description = "Grey or colour (default: what the network takes).")
    private int channels;

    @Option(
            names = "--scale",
            paramLabel = "unit|raw|data|picture",
            description =
                    "Pixels from 0 to 1 (the default but for cifar10), as bytes, or normalised by all training pictures or each.")
    private @Nullable Scale scale;

    @Option(names = "--mean", split = ",", paramLabel = "M", description = "Taken off per channel, after --scale.")
    private List<Double> mean = new ArrayList<>();

    @Option(names = "--std", split = ",", paramLabel = "S", description = "Divided by per channel, after --mean.")
    private List<Double> std = new ArrayList<>();

    /** Whether anything was chosen. */
    boolean areGiven() {
        return givesForm() || scale != null || !mean.isEmpty() || !std.isEmpty();
    }

    /** Whether a size or a number of channels was chosen. */
    boolean givesForm() {
        return resize != 0 || size != null || channels != 0;
    }

    /** The choice for a network, or for none. */
    ImageOptions of(@Nullable Graph graph) {
        Layout wanted = graph == null ? new Layout(0, 0, 0) : layout(graph);
        int[] own = size(wanted);
        if (wanted.channels > 0 && channels > 0 && channels != wanted.channels) {
            throw new InputException(
                    "--channels must be what the network takes, expected " + wanted.channels + ", found " + channels);
        }
        try {
            return new ImageOptions(own[0], own[1], resize, channels > 0 ? channels : wanted.channels, normalization());
        } catch (IllegalArgumentException e) {
            throw new InputException(e);
        }
    }

    private int[] size(Layout wanted) {
        if (size == null) {
            boolean square = wanted.height == 0 && resize > 0;
            return square ? new int[] {resize, resize} : new int[] {wanted.height, wanted.width};
        }
        if (!size.matches("[1-9][0-9]{0,4}(x[1-9][0-9]{0,4})?")) {
            throw new InputException("--size must be N or HxW, for example 224 or 224x320, found '" + size + "'");
        }
        int cross = size.indexOf('x');
        int height = Integer.parseInt(cross < 0 ? size : size.substring(0, cross));
        int width = cross < 0 ? height : Integer.parseInt(size.substring(cross + 1));
        if (wanted.height > 0 && (height != wanted.height || width != wanted.width)) {
            throw new InputException("--size must be what the network takes, expected " + wanted.height + "x"
                    + wanted.width + ", found " + height + "x" + width);
        }
        return new int[] {height, width};
    }

    private @Nullable Normalization normalization() {
        if (scale == Scale.DATA || scale == Scale.PICTURE) {
            if (!mean.isEmpty() || !std.isEmpty()) {
                throw new InputException("--mean and --std do not go with --scale " + Format.lower(scale));
            }
            return scale == Scale.DATA ? null : Normalization.perImagePixels();
        }
        int count = Math.max(1, Math.max(mean.size(), std.size()));
        List<Double> m = mean.isEmpty() ? repeated(0, count) : mean;
        List<Double> s = std.isEmpty() ? repeated(1, count) : std;
        try {
            return scale == Scale.RAW ? new Normalization(1, m, s, false) : Normalization.pixels(m, s);
        } catch (IllegalArgumentException e) {
            throw new InputException("--mean, --std: " + e.getMessage(), e);
        }
    }

    private static List<Double> repeated(double value, int count) {
        return java.util.Collections.nCopies(count, value);
    }

    /** From the declared shape of the only input: [N, C, H, W] or [N, H, W, C]. */
    private static Layout layout(Graph graph) {
        List<Value> inputs = graph.inputs();
        List<Dimension> shape = inputs.size() == 1 ? inputs.get(0).shape() : null;
        if (shape == null || shape.size() != 4) {
            return new Layout(0, 0, 0);
        }
        int[] d = shape.stream().mapToInt(x -> (int) Math.max(0, x.size())).toArray();
        boolean last = (d[3] == 1 || d[3] == 3) && d[1] != 1 && d[1] != 3;
        int height = last ? d[1] : d[2];
        int width = last ? d[2] : d[3];
        int depth = last ? d[3] : d[1];
        boolean sized = height > 0 && width > 0;
        return new Layout(sized ? height : 0, sized ? width : 0, depth == 1 || depth == 3 ? depth : 0);
    }
}
