package org.espalier.data.sources;

import java.util.Arrays;
import java.util.List;
import org.espalier.data.DataSet;
import org.espalier.data.Normalization;
import org.espalier.data.SeededRandom;
import org.espalier.data.Splits;
import org.jspecify.annotations.Nullable;

/**
 * Draws handwritten digits by chance: a data set that needs no file and no network.
 *
 * <p>Each 28×28 image is a style of {@link DigitShapes} whose points tremble, bent by a smooth random field, slanted,
 * turned, stretched and moved, drawn with a pen of random width and ink. The background stays exactly zero. Example i of a
 * part depends on (seed, part, i) only, and all arithmetic is exact IEEE double or {@link StrictMath}: the same bytes on
 * every JVM.
 */
final class DigitGenerator {
    static final int SIZE = 28;
    private static final int CLASSES = 10;
    private static final int STEPS_PER_SPAN = 7;
    private static final int TRAIN = 0;
    private static final int TEST = 1;
    private static final double TWO_PI = 2 * Math.PI;

    private final SeededRandom random = new SeededRandom(0);
    private final double[] ink = new double[SIZE * SIZE];
    /** Two waves per axis: amplitude, frequency across x, across y, phase. */
    private final double[][] waves = new double[4][4];

    private double xx;
    private double xy;
    private double yx;
    private double yy;
    private double dx;
    private double dy;
    private double halfWidth;
    private double pressure;

    private DigitGenerator() {}

    /** Classes come in turn: example i shows digit i mod 10. */
    static Splits generate(int train, int test, long seed) {
        List<String> names = List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        return new Splits(part(train, seed, TRAIN, names), part(test, seed, TEST, names));
    }

    private static DataSet part(int count, long seed, int part, List<String> names) {
        if (count < 1) {
            throw new IllegalArgumentException(
                    "data set 'digits': both parts must have examples, expected >= 1, found " + count);
        }
        DigitGenerator generator = new DigitGenerator();
        byte[][] images = new byte[count][];
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = i % CLASSES;
            generator.random.reset(seed, part, i);
            images[i] = generator.draw(labels[i]);
        }
        return DataSet.builder("digits")
                .bytes("", images, Normalization.pixels(), 1, SIZE, SIZE)
                .classes(labels, names)
                .build();
    }

    private byte[] draw(int digit) {
        List<double[][][]> styles = DigitShapes.of(digit);
        double[][][] strokes = tremble(styles.get(random.nextInt(styles.size())));
        chooseHand();
        Arrays.fill(ink, 0);
        for (double[][] stroke : strokes) {
            drawStroke(stroke);
        }
        return develop();
    }

    /** Moves every point a little; points at one place stay together, so that strokes still meet. */
    private double[][][] tremble(double[][][] strokes) {
        double strength = uniform(1.5, 5.2);
        double[][][] moved = new double[strokes.length][][];
        for (int s = 0; s < strokes.length; s++) {
            moved[s] = new double[strokes[s].length][];
            for (int p = 0; p < strokes[s].length; p++) {
                double[] twin = findTwin(strokes, moved, s, p);
                double[] point = strokes[s][p];
                moved[s][p] = twin != null
                        ? twin
                        : new double[] {
                            point[0] + strength * random.nextGaussian(), point[1] + strength * random.nextGaussian()
                        };
            }
        }
        return moved;
    }

    private static double @Nullable [] findTwin(double[][][] strokes, double[][][] moved, int stroke, int point) {
        for (int s = 0; s <= stroke; s++) {
            int end = s == stroke ? point : strokes[s].length;
            for (int p = 0; p < end; p++) {
                if (Arrays.equals(strokes[s][p], strokes[stroke][point])) {
                    return moved[s][p];
                }
            }
        }
        return null;
    }

    /** Draws the bending field, the affine map from the 100-unit box to pixels, and the pen. */
    private void chooseHand() {
        for (double[] wave : waves) {
            wave[0] = uniform(0.5, 5.5);
            wave[1] = uniform(-0.012, 0.012);
            wave[2] = uniform(-0.012, 0.012);
            wave[3] = random.nextDouble();
        }
        double height = uniform(0.165, 0.215);
        double width = height * uniform(0.68, 1.08);
        double slant = uniform(-0.2, 0.45);
        double turn = 0.15 * random.nextGaussian();
        double cos = StrictMath.cos(turn);
        double sin = StrictMath.sin(turn);
        // Turn · slant · stretch; y points down, so a slant to the right is minus slant times y.
        xx = cos * width;
        xy = (-cos * slant - sin) * height;
        yx = sin * width;
        yy = (-sin * slant + cos) * height;
        dx = uniform(-1.9, 1.9);
        dy = uniform(-1.9, 1.9);
        halfWidth = uniform(0.75, 1.75);
        pressure = uniform(0, 0.3);
    }

    private double uniform(double low, double high) {
        return low + (high - low) * random.nextDouble();
    }

    private void drawStroke(double[][] points) {
        double phase = random.nextDouble();
        int spans = points.length - 1;
        double[] from = place(points[0][0], points[0][1]);
        double[] to = new double[2];
        for (int span = 0; span < spans; span++) {
            for (int step = 1; step <= STEPS_PER_SPAN; step++) {
                double t = (double) step / STEPS_PER_SPAN;
                to = place(spline(points, span, 0, t), spline(points, span, 1, t));
                double along = (span + t) / spans;
                double half = halfWidth * (1 + pressure * StrictMath.sin(TWO_PI * (along + phase)));
                drawSegment(from[0], from[1], to[0], to[1], half);
                from = to;
            }
        }
    }

    /** A Catmull-Rom spline: passes through the points, with tangents along their neighbours. */
    private static double spline(double[][] points, int span, int axis, double t) {
        double p0 = points[Math.max(0, span - 1)][axis];
        double p1 = points[span][axis];
        double p2 = points[span + 1][axis];
        double p3 = points[Math.min(points.length - 1, span + 2)][axis];
        double t2 = t * t;
        return 0.5
                * (2 * p1
                        + (p2 - p0) * t
                        + (2 * p0 - 5 * p1 + 4 * p2 - p3) * t2
                        + (3 * p1 - p0 - 3 * p2 + p3) * t2 * t);
    }

    private double[] place(double x, double y) {
        double u = x - 50 + wave(waves[0], x, y) + wave(waves[1], x, y);
        double v = y - 50 + wave(waves[2], x, y) + wave(waves[3], x, y);
        return new double[] {SIZE / 2.0 + dx + xx * u + xy * v, SIZE / 2.0 + dy + yx * u + yy * v};
    }

    private static double wave(double[] wave, double x, double y) {
        return wave[0] * StrictMath.sin(TWO_PI * (wave[1] * x + wave[2] * y + wave[3]));
    }

    /** A line with round ends: full ink within {@code half} pixels, fading over one pixel. */
    private void drawSegment(double x0, double y0, double x1, double y1, double half) {
        double reach = half + 0.5;
        int left = clamp(Math.min(x0, x1) - reach);
        int right = clamp(Math.max(x0, x1) + reach);
        int top = clamp(Math.min(y0, y1) - reach);
        int bottom = clamp(Math.max(y0, y1) + reach);
        double ex = x1 - x0;
        double ey = y1 - y0;
        double length = Math.max(1e-12, ex * ex + ey * ey);
        for (int row = top; row <= bottom; row++) {
            for (int column = left; column <= right; column++) {
                double px = column + 0.5 - x0;
                double py = row + 0.5 - y0;
                double t = Math.max(0, Math.min(1, (px * ex + py * ey) / length));
                double ox = px - t * ex;
                double oy = py - t * ey;
                double cover = reach - Math.sqrt(ox * ox + oy * oy);
                int at = row * SIZE + column;
                if (cover > ink[at]) {
                    ink[at] = Math.min(1, cover);
                }
            }
        }
    }

    private static int clamp(double pixel) {
        return (int) Math.max(0, Math.min(SIZE - 1, Math.floor(pixel)));
    }

    /** Ink to bytes: a random darkness, a little grain where there is ink, nothing where there is none. */
    private byte[] develop() {
        double darkness = uniform(190, 255);
        double grain = uniform(0, 0.12);
        byte[] pixels = new byte[ink.length];
        for (int i = 0; i < pixels.length; i++) {
            if (ink[i] > 0) {
                double value = darkness * ink[i] * (1 - grain * random.nextDouble());
                pixels[i] = (byte) (int) (value + 0.5);
            }
        }
        return pixels;
    }
}
