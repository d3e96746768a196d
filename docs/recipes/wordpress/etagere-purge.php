<?php
/**
 * Plugin Name: Purge at Etagere
 * Description: Whatever is published, changed, commented on or deleted is asked for anew. Belongs in wp-content/mu-plugins.
 */

/** Where Etagere listens, without a proxy between. May be defined in wp-config.php. */
defined('ETAGERE_URL') || define('ETAGERE_URL', 'http://127.0.0.1:8080');

/** The pages that show a post: its own, the front page, the feed, its categories and tags. */
function etagere_urls(int $post_id): array
{
    $urls = [get_permalink($post_id), home_url('/'), get_feed_link()];
    foreach (get_object_taxonomies((string) get_post_type($post_id)) as $taxonomy) {
        foreach ((array) wp_get_post_terms($post_id, $taxonomy) as $term) $urls[] = get_term_link($term);
    }
    return array_filter($urls, 'is_string');
}

/** Called before a change, which may move the post, and after it, when all of its pages are purged. */
function etagere_purge(int $post_id, bool $changed = true): void
{
    static $urls = [];
    if (wp_is_post_revision($post_id) || get_post_status($post_id) === 'auto-draft') return;
    $urls = array_unique([...$urls, ...etagere_urls($post_id)]);
    if (!$changed) return;
    foreach ($urls as $url) {
        $parts = wp_parse_url($url);
        $host = $parts['host'] . (isset($parts['port']) ? ":{$parts['port']}" : '');
        $target = ($parts['path'] ?? '/') . (isset($parts['query']) ? "?{$parts['query']}" : '');
        wp_remote_request(ETAGERE_URL . $target, ['method' => 'PURGE', 'timeout' => 2, 'headers' => ['Host' => $host]]);
    }
    $urls = [];
}

add_action('pre_post_update', fn ($id) => etagere_purge($id, false));
add_action('before_delete_post', fn ($id) => etagere_purge($id, false));
add_action('save_post', fn ($id) => etagere_purge($id));
add_action('deleted_post', fn ($id) => etagere_purge($id));
add_action('comment_post', fn ($id) => etagere_purge((int) get_comment($id)->comment_post_ID));
add_action('transition_comment_status', fn ($new, $old, $comment) => etagere_purge((int) $comment->comment_post_ID), 10, 3);
