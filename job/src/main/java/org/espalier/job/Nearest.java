package org.espalier.job;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import org.espalier.io.EditDistance;

/** What someone probably meant. */
public final class Nearest {
    private Nearest() {}

    /**
     * Suggests the known name that is most like another: {@code did you mean 'sbpa'? Known are original, sbp, sbpa}.
     *
     * @param found the unknown name
     * @param known the known ones, at least one
     * @return the words for the user
     */
    public static String of(String found, Collection<String> known) {
        String lower = found.toLowerCase(Locale.ROOT);
        String nearest = known.stream()
                .min(Comparator.comparingInt(name -> EditDistance.between(lower, name.toLowerCase(Locale.ROOT))))
                .orElseThrow(() -> new IllegalArgumentException("nearest: names must be known, found none"));
        return "did you mean '" + nearest + "'? Known are " + String.join(", ", known);
    }
}
