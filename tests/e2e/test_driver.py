#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The driver, tried on a window that writes down what reaches it."""

import os
import tempfile

import atlas_driver as driver
import tap

program = None


def wait_for_echo(text):
    driver.wait_until(lambda: program.has_text(text),
                      lambda: f'“{text}”, the window says {program.texts()}')


def test_a_button_is_clicked_where_it_stands():
    program.click(program.wait_for('push button', 'Count'))
    wait_for_echo('clicked Count')


def test_a_named_action_is_run():
    program.click(program.find('image', 'Area'))
    wait_for_echo('pressed')
    button = program.find('push button', 'Count')
    program.action(button, button.get_action_names()[0])
    wait_for_echo('clicked Count')
    try:
        program.action(button, 'no-such-action')
    except AssertionError:
        return
    raise AssertionError('an action that is not there was run')


def test_a_click_lands_on_the_pixel():
    area = program.find('image', 'Area')
    program.click(area, 10, 20)
    wait_for_echo('pressed 1 1 at 10 20')
    program.click(area, 30, 40, button=3)
    wait_for_echo('pressed 3 1 at 30 40')
    program.click(area, 50, 60, times=2)
    wait_for_echo('pressed 1 2 at 50 60')


def test_a_drag_has_its_length():
    program.drag(program.find('image', 'Area'), (20, 20), (140, 60))
    wait_for_echo('dragged 120 40')


def test_wheel_notches_are_counted():
    area = program.find('image', 'Area')
    program.wheel(area, -3)
    wait_for_echo('scrolled 3')
    program.wheel(area, 2)
    wait_for_echo('scrolled 1')
    program.wheel(area, 1, keys=('shift',))
    wait_for_echo('scrolled 0 shifted')


def test_keys_and_text_arrive():
    entry = program.find('text', 'Field')
    program.fill(entry, 'pml4[255]+0x10')
    driver.wait_until(lambda: entry.get_text() == 'pml4[255]+0x10', 'the typed text')
    program.press('Return')
    wait_for_echo('entered pml4[255]+0x10')
    program.press('ctrl+F5')
    wait_for_echo('key <Control>F5')


def test_a_popover_opens_and_its_button_is_hit():
    program.click(program.find('push button', 'Menu'))
    inside = program.wait_for('push button', 'Inside')
    program.click(inside)
    wait_for_echo('clicked Inside')
    program.press('Escape')
    driver.wait_until(lambda: not program.find('push button', 'Inside'), 'the popover to close')


def test_the_window_is_resized():
    program.resize(700, 500)
    driver.wait_until(lambda: program.extents(program.find('image', 'Area'))[2] > 600, 'a wide area')


def test_a_screenshot_shows_the_window():
    with tempfile.NamedTemporaryFile(suffix='.png') as file:
        program.screenshot(file.name)
        assert os.path.getsize(file.name) > 2000


def test_what_never_comes_is_a_failure():
    try:
        program.wait_for('push button', 'No such button', timeout_s=0.3)
    except AssertionError as error:
        assert 'No such button' in str(error)
        return
    raise AssertionError('a button that is not there was found')


if __name__ == '__main__':
    with driver.Program([os.environ['ATLAS_ECHO_WINDOW']]) as program:
        driver.run(tap.of_module(globals()))
