package org.espalier.recipe;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the result may cost at most, such as {@code macs=0.5}, {@code macs=50M}, {@code size=2MB} or {@code latency=4ms}.
 *
 * @param kind what is counted
 * @param amount a share of the original's cost, or the cost itself: a number, bytes or milliseconds
 * @param share whether it is a share
 */
public record CostTarget(CostKind kind, double amount, boolean share) {
    private static final Pattern FORM =
            Pattern.compile("\\s*([a-zA-Z]+)\\s*=\\s*([0-9.]+(?:[eE][-+]?[0-9]+)?)\\s*([a-zA-Z]*)\\s*");
    private static final Map<String, Double> COUNTS = Map.of("k", 1e3, "M", 1e6, "G", 1e9);
    private static final Map<String, Double> BYTES =
            Map.of("B", 1.0, "kB", 1e3, "MB", 1e6, "GB", 1e9, "KiB", 1024.0, "MiB", 1048576.0, "GiB", 1073741824.0);
    private static final Map<String, Double> TIMES = Map.of("us", 1e-3, "ms", 1.0, "s", 1e3);
    private static final int DIGITS = 3;

    /**
     * Reads targets.
     *
     * @param text targets joined by commas; blank for none
     * @return one each, in the order given
     * @throws IllegalArgumentException if one is not of the form, or a kind is given twice
     */
    public static List<CostTarget> parse(String text) {
        List<CostTarget> all = new ArrayList<>();
        Set<CostKind> seen = EnumSet.noneOf(CostKind.class);
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            CostTarget t = one(part);
            if (!seen.add(t.kind)) {
                throw wrong(part, "each kind of cost once");
            }
            all.add(t);
        }
        return List.copyOf(all);
    }

    private static CostTarget one(String text) {
        Matcher m = FORM.matcher(text);
        if (!m.matches()) {
            throw wrong(text, "a cost and how much of it, such as macs=0.5, params=100k, size=2MB or latency=4ms");
        }
        CostKind kind = kind(text, m.group(1));
        double number = number(text, m.group(2));
        String unit = m.group(3);
        if (unit.isEmpty() && number <= 1) {
            return new CostTarget(kind, number, true);
        }
        Map<String, Double> units = units(kind);
        Double factor = unit.isEmpty() && units == COUNTS ? Double.valueOf(1) : units.get(unit);
        if (factor == null) {
            throw wrong(text, "a share of the original up to 1, or a number with one of the units " + names(units));
        }
        return new CostTarget(kind, number * factor, false);
    }

    private static CostKind kind(String text, String name) {
        for (CostKind k : CostKind.values()) {
            if (k.toString().equals(name.toLowerCase(Locale.ROOT))) {
                return k;
            }
        }
        throw wrong(text, "one of the costs " + List.of(CostKind.values()));
    }

    private static double number(String text, String digits) {
        try {
            double v = Double.parseDouble(digits);
            if (v > 0 && Double.isFinite(v)) {
                return v;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(wrong(text, "a number").getMessage(), e);
        }
        throw wrong(text, "a number above 0");
    }

    private static Map<String, Double> units(CostKind kind) {
        return switch (kind) {
            case MACS, PARAMS -> COUNTS;
            case SIZE -> BYTES;
            case LATENCY -> TIMES;
        };
    }

    private static List<String> names(Map<String, Double> units) {
        return units.entrySet().stream()
                .sorted(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .toList();
    }

    private static IllegalArgumentException wrong(String text, String expected) {
        return new IllegalArgumentException("target '" + text.strip() + "': expected " + expected);
    }

    /**
     * What the result may cost.
     *
     * @param original what the original costs
     * @return the greatest cost, in the kind's own unit
     */
    public double most(double original) {
        return share ? amount * original : amount;
    }

    /**
     * The same kind of target with the least amount that allows a cost.
     *
     * @param cost what must be allowed
     * @param original what the original costs
     * @return a target as it can be typed
     */
    public String allowing(double cost, double original) {
        double value = share ? cost / original : cost;
        String unit = share ? "" : kind == CostKind.SIZE ? "B" : kind == CostKind.LATENCY ? "ms" : "";
        BigDecimal up = kind == CostKind.LATENCY || share
                ? new BigDecimal(value).round(new MathContext(DIGITS, RoundingMode.UP))
                : new BigDecimal(Math.ceil(value));
        return kind + "=" + up.toPlainString() + unit;
    }

    /** As it is typed, amounts in the kind's own unit. */
    @Override
    public String toString() {
        String unit = share ? "" : kind == CostKind.SIZE ? "B" : kind == CostKind.LATENCY ? "ms" : "";
        return kind + "="
                + new BigDecimal(Double.toString(amount)).stripTrailingZeros().toPlainString() + unit;
    }
}
