package org.espalier.recipe;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.data.Augmentation;

/** Random changes of training pictures, by the names that recipes give them. */
public final class Augmentations {
    private static final Pattern NAME = Pattern.compile("(crop|cutout|brightness|contrast)([0-9.]+)|(flip)");

    private Augmentations() {}

    /**
     * The changes that a text names.
     *
     * @param text of {@code crop4} (moved by up to 4 pixels each way), {@code flip} (left and right swapped in every
     *     other epoch), {@code cutout8} (a square of 8 by 8 pixels set to the picture's mean), {@code brightness0.25}
     *     (up to that much added, where black is 0 and white 1; pictures of floats keep their own unit) and {@code
     *     contrast0.8} (stretched by 1 − 0.8 to 1 + 0.8), some joined by {@code +}, in the order in which they are
     *     made; empty for none
     * @return the change; empty for none
     * @throws IllegalArgumentException if it names something else
     */
    public static Optional<Augmentation> of(String text) {
        return of("augmentation", text);
    }

    /**
     * The changes that a text names.
     *
     * @param key the hyper-parameter that has this text, to begin an error with
     */
    static Optional<Augmentation> of(String key, String text) {
        Augmentation all = null;
        for (String part : text.isEmpty() ? new String[0] : text.split("\\+", -1)) {
            Augmentation next = one(part).orElseThrow(() -> unknown(key, text));
            all = all == null ? next : all.then(next);
        }
        return Optional.ofNullable(all);
    }

    private static Optional<Augmentation> one(String part) {
        Matcher m = NAME.matcher(part);
        if (m.matches()) {
            String number = m.group(2);
            try {
                return Optional.of(
                        switch (m.group(3) == null ? m.group(1) : "") {
                            case "crop" -> Augmentation.randomCrop(Integer.parseInt(number));
                            case "cutout" -> Augmentation.cutout(Integer.parseInt(number));
                            case "brightness" -> Augmentation.brightness(Double.parseDouble(number));
                            case "contrast" -> {
                                double by = Double.parseDouble(number);
                                yield Augmentation.contrast(1 - by, 1 + by);
                            }
                            default -> Augmentation.horizontalFlip();
                        });
            } catch (IllegalArgumentException e) {
                // No such number, or one out of range: the message shows all of them.
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private static IllegalArgumentException unknown(String key, String text) {
        return new IllegalArgumentException(
                "recipe '" + key + "': must be made of cropN, flip, cutoutN, brightnessX and contrastX "
                        + "joined by '+', such as crop4+flip, found '" + text + "'");
    }
}
