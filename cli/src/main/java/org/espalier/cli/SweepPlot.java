package org.espalier.cli;

import java.util.List;
import java.util.function.ToDoubleFunction;
import org.espalier.io.SafeText;
import org.espalier.job.Format;

/** Error and multiply-accumulates over thresholds as an SVG picture: two plots above each other with one horizontal axis. */
final class SweepPlot {
    private static final int WIDTH = 640;
    private static final int LEFT = 70;
    private static final int RIGHT = WIDTH - 20;
    private static final int HEIGHT = 200;
    private static final int TOP = 40;
    private static final int SECOND = TOP + HEIGHT + 50;
    private static final int TICKS = 4;

    /**
     * What one threshold leads to.
     *
     * @param errorPercent on the test set
     * @param macsPercent multiply-accumulates, of the original's
     */
    record Point(double threshold, double errorPercent, double macsPercent) {}

    private final List<Point> points;
    private final StringBuilder svg = new StringBuilder();

    private SweepPlot(List<Point> points) {
        this.points = points;
    }

    /**
     * Draws.
     *
     * @param points in order of their thresholds, at least one
     * @param title a line above
     */
    static String svg(List<Point> points, String title) {
        SweepPlot plot = new SweepPlot(points);
        plot.svg.append(Format.of(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\""
                        + " font-family=\"sans-serif\" font-size=\"12\">%n<rect width=\"100%%\" height=\"100%%\""
                        + " fill=\"white\"/>%n",
                WIDTH, SECOND + HEIGHT + 50, WIDTH, SECOND + HEIGHT + 50));
        plot.text((LEFT + RIGHT) / 2.0, 20, "middle", title);
        plot.panel(TOP, "error, %", "#b22222", Point::errorPercent);
        plot.panel(SECOND, "MACs, % of the original's", "#1f5fa8", Point::macsPercent);
        plot.text((LEFT + RIGHT) / 2.0, SECOND + HEIGHT + 40, "middle", "signal-to-noise threshold");
        return plot.svg.append("</svg>\n").toString();
    }

    private void panel(int top, String label, String colour, ToDoubleFunction<Point> value) {
        double greatest = points.stream().mapToDouble(value).max().orElse(1);
        double limit = nice(greatest);
        svg.append(Format.of(
                "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#888\"/>%n",
                LEFT, top, RIGHT - LEFT, HEIGHT));
        for (int i = 0; i <= TICKS; i++) {
            double share = (double) i / TICKS;
            double y = top + HEIGHT * (1 - share);
            svg.append(Format.of(
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>%n", LEFT, y, RIGHT, y));
            text(LEFT - 6, y + 4, "end", Format.of("%.3g", limit * share));
            double threshold = first() + (last() - first()) * share;
            text(x(threshold), top + HEIGHT + 16, "middle", Format.of("%.2g", threshold));
        }
        text(LEFT, top - 6, "start", label);
        svg.append(Format.of("<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", colour));
        for (Point p : points) {
            svg.append(Format.of("%.1f,%.1f ", x(p.threshold), top + HEIGHT * (1 - value.applyAsDouble(p) / limit)));
        }
        svg.append(Format.of("\"/>%n"));
    }

    private double first() {
        return points.get(0).threshold;
    }

    private double last() {
        return points.get(points.size() - 1).threshold;
    }

    private double x(double threshold) {
        double width = Math.max(last() - first(), Double.MIN_NORMAL);
        return LEFT + (RIGHT - LEFT) * (threshold - first()) / width;
    }

    /** The least of 1, 2, 5 times a power of ten that is not below a value. */
    private static double nice(double value) {
        if (!(value > 0)) {
            return 1;
        }
        double power = Math.pow(10, Math.floor(Math.log10(value)));
        for (double factor : new double[] {1, 2, 5}) {
            if (factor * power >= value) {
                return factor * power;
            }
        }
        return 10 * power;
    }

    private void text(double x, double y, String anchor, String words) {
        String safe =
                SafeText.line(words).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
        svg.append(Format.of("<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, safe));
    }
}
