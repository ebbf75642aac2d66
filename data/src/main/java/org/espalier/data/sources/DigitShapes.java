package org.espalier.data.sources;

import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/**
 * How people write the ten digits: for each one a few styles, for each style its strokes, for each stroke the points that
 * a smooth pen passes through.
 *
 * <p>Coordinates run from 0 to 100, x to the right and y down. A sharp corner is where one stroke ends and another
 * begins.
 */
final class DigitShapes {
    private static final Pattern STROKES = Pattern.compile("\\s*\\|\\s*");
    private static final Pattern POINTS = Pattern.compile("\\s+");

    private static final List<List<double[][][]>> DIGITS = List.of(
            styles(
                    "50,5 26,20 18,50 26,80 50,95 74,80 82,50 74,20 50,5",
                    "58,8 36,12 24,40 28,75 48,95 70,80 77,45 68,15 48,6 38,12",
                    "44,10 26,30 22,62 36,92 62,92 78,66 76,30 58,8 44,10"),
            styles(
                    "52,5 51,35 49,65 48,95",
                    "30,27 42,18 54,5 | 54,5 53,35 52,65 51,95",
                    "32,25 43,17 53,6 | 53,6 53,35 52,65 52,94 | 30,94 52,94 74,94"),
            styles(
                    "20,28 30,10 52,5 73,15 76,35 60,58 38,78 20,94 | 20,94 40,94 60,93 82,93",
                    "20,25 35,8 58,6 74,22 68,48 46,74 26,90 16,84 26,74 44,82 62,92 84,88",
                    "26,18 46,6 68,12 72,34 54,60 24,92 | 24,92 44,88 62,92 80,94"),
            styles(
                    "22,16 40,5 64,8 74,24 64,42 44,48 | 44,48 68,54 79,72 66,91 42,96 20,86",
                    "22,9 48,8 76,8 | 76,8 60,25 44,42 | 44,42 68,48 80,68 68,90 42,96 20,86",
                    "26,14 48,4 70,16 66,38 44,46 66,54 74,74 58,94 34,94 20,84"),
            styles(
                    "34,6 27,32 20,56 | 20,56 42,56 64,55 84,54 | 66,30 63,60 60,96",
                    "62,5 40,34 16,64 | 16,64 40,65 64,64 86,63 | 62,5 63,35 62,65 61,96",
                    "28,8 24,34 30,52 50,54 73,46 | 75,8 73,40 69,70 64,96"),
            styles(
                    "76,8 52,8 30,9 | 30,9 27,28 25,46 | 25,46 45,38 68,46 78,66 66,88 44,96 20,86",
                    "74,6 52,9 34,12 30,34 38,43 62,48 74,66 62,90 38,95 20,84",
                    "32,8 30,28 28,44 | 28,44 50,40 70,50 75,70 62,90 40,95 22,88 | 32,8 52,9 78,6"),
            styles(
                    "66,6 42,20 27,46 22,72 36,94 58,95 74,80 70,60 52,53 34,60 24,74",
                    "56,4 38,30 28,60 32,86 50,96 68,86 70,66 54,56 36,66 30,78",
                    "74,10 50,10 32,32 24,62 34,90 58,96 76,82 72,62 50,56 28,70"),
            styles(
                    "18,10 48,11 80,10 | 80,10 64,36 50,64 40,96",
                    "18,12 48,11 80,10 | 80,10 64,36 52,64 44,96 | 34,52 52,51 72,50",
                    "20,26 21,10 | 21,10 48,9 80,10 | 80,10 62,40 54,66 50,96",
                    "16,16 34,8 56,14 80,8 70,34 54,66 46,96"),
            styles(
                    "50,48 29,35 28,14 50,5 72,14 71,35 50,48 27,63 24,84 50,96 76,84 73,63 50,48",
                    "70,14 50,5 30,16 34,36 56,50 74,68 70,90 48,96 28,86 30,66 54,46 70,28 70,14",
                    "50,47 34,36 30,18 50,7 68,18 66,36 50,47 | 50,47 30,58 24,78 46,95 72,86 72,62 50,47"),
            styles(
                    "74,28 60,8 38,8 24,26 32,46 54,50 70,38 74,28 | 75,20 74,45 71,70 66,96",
                    "72,26 52,6 30,16 26,38 44,52 66,44 73,24 74,50 66,80 44,96 26,88",
                    "70,22 50,7 32,18 30,40 48,50 66,40 71,20 | 72,12 70,40 64,68 54,96"));

    private DigitShapes() {}

    private static List<double[][][]> styles(String... drawings) {
        return Arrays.stream(drawings).map(DigitShapes::strokes).toList();
    }

    private static double[][][] strokes(String drawing) {
        return STROKES.splitAsStream(drawing).map(DigitShapes::points).toArray(double[][][]::new);
    }

    private static double[][] points(String stroke) {
        return POINTS.splitAsStream(stroke)
                .map(point -> {
                    int comma = point.indexOf(',');
                    return new double[] {
                        Integer.parseInt(point.substring(0, comma)), Integer.parseInt(point.substring(comma + 1))
                    };
                })
                .toArray(double[][]::new);
    }

    /** The styles of a digit; each is strokes of points [x, y]. Not to be changed. */
    static List<double[][][]> of(int digit) {
        return DIGITS.get(digit);
    }
}
