package org.espalier.data;

/** What an example is labelled with. */
public enum LabelKind {
    /** One class per example, 0 to classCount − 1. */
    CLASSES,
    /** Numbers to predict, one or several per example. */
    TARGETS,
    /** Several integers per example: a class at each position, or for each class whether it is there. */
    INTEGERS,
    /** Nothing. */
    NONE
}
