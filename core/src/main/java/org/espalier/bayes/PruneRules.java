package org.espalier.bayes;

import java.util.List;

/**
 * The rules by name: {@code snr} ({@link SnrRule}), {@code bmrs-n} ({@link BmrsNRule} as derived), {@code bmrs-n-published} (the same as
 * its authors' program has it, without 2π), {@code bmrs-u8} and {@code bmrs-u4} ({@link BmrsURule} with 8 and 4 bits).
 */
public final class PruneRules {
    /** The name of the rule with a threshold. */
    public static final String SNR = "snr";

    private static final List<String> NAMES = List.of(SNR, "bmrs-n", "bmrs-n-published", "bmrs-u8", "bmrs-u4");

    private PruneRules() {}

    /** {@return the names of all rules} */
    public static List<String> names() {
        return NAMES;
    }

    /**
     * The rule of a name.
     *
     * @param name the rule's name
     * @param threshold the signal-to-noise ratio below which a unit goes; counts for {@link #SNR} alone
     * @return the rule of a name
     * @throws IllegalArgumentException if there is no such rule
     */
    public static PruneRule of(String name, double threshold) {
        return switch (name) {
            case SNR -> new SnrRule(threshold);
            case "bmrs-n" -> new BmrsNRule(BmrsNRule.Form.EXACT);
            case "bmrs-n-published" -> new BmrsNRule(BmrsNRule.Form.PUBLISHED);
            case "bmrs-u8" -> new BmrsURule(8);
            case "bmrs-u4" -> new BmrsURule(4);
            default -> throw new IllegalArgumentException("rule '" + name + "': is unknown, expected one of " + NAMES);
        };
    }
}
